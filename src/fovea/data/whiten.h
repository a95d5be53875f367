// A first layer's filters from the images: projections of their patches onto the principal directions, each scaled to
// variance 1.
//   M = mean over all patches p of p p^T = sum of l[i] v[i] v[i]^T, l falling
//   filter i = v[i] / sqrt(l[i] + 5e-4),  filter D + i = -filter i,  i < D = C*kh*kw
// The patches are those of the first 5,000 images, preprocessed, inside the map; M is not centred.
// Source    Page 2019, "How to train your ResNet 8"; Jordan 2024, arXiv:2404.00498, whose constants these are
#pragma once

#include <vector>

#include "fovea/data/dataset.h"
#include "fovea/network/model.h"
#include "fovea/tensor/tensor.h"

namespace fovea {

// Filters (K,C,kh,kw) for the images of the training split listed in `indices`. Products of bytes are summed as
// integers: the same bits for any number of threads. `threads` 0: all. Throws ArgumentError for K > 2*D, without
// images, or for a window larger than they are.
Tensor<float> WhiteningFilters(const Dataset& data, const std::vector<int64_t>& indices,
                               const Preprocessing& preprocessing, const Shape& filters, int threads = 0);

}  // namespace fovea
