// What the [yolo] heads of a detector say about an image.
//
// A head of A boxes and K classes gives (A*(4+1+K),H,W) numbers tx ty tw th to c1..cK for each box at each cell (i,j). With s the
// logistic function, z = scale_x_y and the anchor (pw,ph) in pixels of an input of (W',H'):
//   x = (j + z*s(tx) - (z-1)/2)/W     w = pw*exp(tw)/W'     probability of class k = s(to)*s(ck) where s(to) and it are above
//   y = (i + z*s(ty) - (z-1)/2)/H     h = ph*exp(th)/H'     the threshold
// With new_coords the numbers are logistic already, and w = pw*(2*tw)^2/W', h = ph*(2*th)^2/H'.
// Sources   yolo_layer.c of pjreddie's darknet (f6afaab) and of AlexeyAB's (59596d7); box.c: do_nms_sort
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "fovea/network/model.h"

#pragma GCC visibility push(default)
namespace fovea {

// The middle and the extents.
struct Box {
  double x = 0, y = 0, w = 0, h = 0;
};

struct Detection {
  int32_t label = 0;
  double probability = 0;
  Box box;
};

// Boxes as shares of the input (C,H,W), from all numbers that the network gives for one image. Throws ArgumentError for a
// head that is not [yolo], or outside of these numbers.
std::vector<Detection> DecodeYolo(std::span<const DetectionHead> heads, const Shape& input,
                                  std::span<const float> outputs, double threshold);

// The area of the intersection over that of the union; 0 where the union has none.
double Overlap(const Box& a, const Box& b);

// Non-maximum suppression, class by class: the most probable box stays, and those go that overlap it by more than
// `overlap`; then the next one. Most probable first, ties in the order of `found`.
std::vector<Detection> SuppressOverlaps(std::vector<Detection> found, double overlap);

}  // namespace fovea
#pragma GCC visibility pop
