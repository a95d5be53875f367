#include "fovea/report/page.h"

#include "fovea/report/markup.h"
#include "fovea/report/page_style.h"
#include "fovea/report/run_facts.h"
#include "fovea/report/sections.h"

namespace fovea {

void WriteHeading(const std::string& title, const std::string& lead, Markup& out) {
  out.Element("h2", {}, title);
  if (!lead.empty()) out.Element("p", {{"class", "lead"}}, lead);
}

std::string RenderPage(const RunRecord& run) {
  Markup out;
  out.Verbatim("<!DOCTYPE html>\n");
  out.Open("html", {{"lang", "en-GB"}, {"xmlns", "http://www.w3.org/1999/xhtml"}}).Open("head");
  out.Leaf("meta", {{"charset", "utf-8"}});
  out.Leaf("meta", {{"name", "viewport"}, {"content", "width=device-width, initial-scale=1"}});
  out.Element("title", {}, RunName(run) + " · Fovea");
  out.Open("style").Verbatim(kPageStyle).Close();
  out.Close().Open("body").Open("main");
  WriteHeadline(run, out);
  WriteConfiguration(run, out);
  WriteCurves(run, out);
  WriteMistakes(run, out);
  WriteSamples(run, out);
  WriteFilters(run, out);
  WriteAdvice(run, out);
  WriteCommands(run, out);
  out.Element("footer", {}, "Written by Fovea from the files of " + run.folder + ".");
  out.Close().Close().Close();
  return out.str();
}

}  // namespace fovea
