// Text by lines, for small formats that a person writes.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace fovea {

// Without the blanks at both ends.
std::string Trimmed(const std::string& text);

// Calls visit(line, number from 1) for each line, trimmed, that is not empty then.
void ForEachLine(const std::string& text, const std::function<void(const std::string&, int64_t)>& visit);

// Where the first byte stands that is a control character or no UTF-8; npos for none.
std::size_t FirstUnprintable(std::string_view text);

}  // namespace fovea
