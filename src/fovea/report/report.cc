#include "fovea/report/report.h"

#include <filesystem>

#include "fovea/base/file.h"
#include "fovea/report/page.h"
#include "fovea/report/run_record.h"

namespace fovea {

void WriteReport(const std::string& run_folder) {
  const RunRecord run = ReadRunRecord(run_folder);
  const std::string path = (std::filesystem::path(run_folder) / "report.html").string();
  WriteFileAtomic(path, RenderPage(run));
}

}  // namespace fovea
