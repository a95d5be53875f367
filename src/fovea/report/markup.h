// Writes HTML and SVG that is also well-formed XML: every tag that is opened is closed, every attribute is
// quoted, every text is escaped.
//
//   Markup m;
//   m.Open("svg", {{"viewBox", "0 0 10 10"}}).Element("title", {}, "3 < 4").Leaf("circle", {{"r",
//   "2"}}).Close();
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fovea {

// Replaces & < > " ' by entities; what is not UTF-8, or not allowed in XML (control characters), becomes
// U+FFFD.
std::string Escape(std::string_view text);

// A coordinate of a drawing: at most two decimals, no trailing zeros.
std::string Coordinate(double value);

class Markup {
 public:
  using Attributes = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  Markup& Open(std::string_view tag, Attributes attributes = {});
  // Closes the element opened last.
  Markup& Close();
  Markup& Text(std::string_view text);
  // <tag ...>text</tag>
  Markup& Element(std::string_view tag, Attributes attributes, std::string_view text);
  // <tag .../>: elements of SVG and the void elements of HTML (meta, img, br).
  Markup& Leaf(std::string_view tag, Attributes attributes);
  // Text that is markup already, as a style sheet is.
  Markup& Verbatim(std::string_view markup);

  // The document. Every element must be closed.
  const std::string& str() const { return out_; }
  bool closed() const { return open_.empty(); }

 private:
  void Start(std::string_view tag, Attributes attributes);

  std::string out_;
  std::vector<std::string> open_;
};

}  // namespace fovea
