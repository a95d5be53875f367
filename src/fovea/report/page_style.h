// The style sheet of a report.
#pragma once

#include <string_view>

namespace fovea {

// System fonts, light and dark after the reader's setting, narrow and wide, and paper. Blue and orange are
// told apart in every common colour blindness (Okabe & Ito 2008), and nothing is told by colour alone. Holds
// no < and no &, so that it may stand inside well-formed XML.
extern const std::string_view kPageStyle;

}  // namespace fovea
