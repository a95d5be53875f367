// OpenCV's DNN module running an ONNX file on random images; see peer.h.
#include <opencv2/core/version.hpp>
#include <opencv2/dnn.hpp>

#include "peer.h"

namespace {

void Infer(const peer::Request& request) {
  cv::setNumThreads(request.threads);
  cv::dnn::Net net = cv::dnn::readNetFromONNX(request.onnx);
  cv::Mat images({request.batch, request.channels, request.height, request.width}, CV_32F);
  cv::Mat pixels = images.reshape(1, request.batch);
  cv::randn(pixels, 0, 1);
  peer::Answer(request, CV_VERSION, [&] {
    net.setInput(images);
    net.forward();
  });
}

}  // namespace

int main(int argc, char** argv) { return peer::Main(argc, argv, Infer); }
