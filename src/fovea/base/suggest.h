// "Did you mean": the nearest known name to one that is not known.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fovea {

// The least number of insertions, deletions, substitutions and swaps of neighbours that turn a into b.
int EditDistance(std::string_view a, std::string_view b);

// `; did you mean "resnet20"?` for the nearest of `choices` when it is near enough, else `; choose from a, b,
// c`.
std::string DidYouMean(const std::string& name, const std::vector<std::string>& choices);

}  // namespace fovea
