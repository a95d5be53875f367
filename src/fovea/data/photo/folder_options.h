// How a folder of photos is read.
#pragma once

#include <cstdint>

#pragma GCC visibility push(default)
namespace fovea {

enum class OnBadPhoto {
  kFail,  // Read throws FormatError
  kSkip,  // photos that cannot be decoded are left out, and listed; opening decodes every one
};

struct PhotoFolderOptions {
  // Side of the images. 0 chooses it: the median over the training photos (10,000 of them, evenly spread, where
  // there are more) of the shorter side, rounded down to a multiple of 32, within 32 to 224.
  int64_t size = 0;
  OnBadPhoto on_bad = OnBadPhoto::kFail;
};

}  // namespace fovea
#pragma GCC visibility pop
