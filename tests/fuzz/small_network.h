// The network of tests/fuzz/seeds/small.cfg.
#pragma once

#include "fovea/formats/darknet/darknet.h"

namespace fovea {

inline Network SmallNetwork() {
  return ReadDarknetCfg(FOVEA_SOURCE_DIR "/tests/fuzz/seeds/small.cfg").network;
}

}  // namespace fovea
