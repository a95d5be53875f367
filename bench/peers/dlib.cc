// A training step of dlib (gradients, then SGD with momentum and weight decay) on random images; see peer.h. Threads are those of
// its BLAS: OPENBLAS_NUM_THREADS.
#include <dlib/dnn.h>
#include <dlib/revision.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "peer.h"

namespace {

using Image = dlib::input<dlib::matrix<float>>;
template <long kFilters, int kKernel, int kPad, class Below>
using Conv = dlib::add_layer<dlib::con_<kFilters, kKernel, kKernel, 1, 1, kPad, kPad>, Below>;
template <class Below>
using Pool = dlib::max_pool<2, 2, 2, 2, Below>;
template <long kOutputs, class Below>
using Hidden = dlib::relu<dlib::fc<kOutputs, Below>>;

using ThreeLayer =
    dlib::loss_multiclass_log<dlib::fc<10, Hidden<100, Pool<dlib::relu<Conv<32, 7, 3, Image>>>>>>;
using Features = Pool<dlib::relu<Conv<16, 5, 0, Pool<dlib::relu<Conv<6, 5, 2, Image>>>>>>;
using LeNet5 = dlib::loss_multiclass_log<dlib::fc<10, Hidden<84, Hidden<120, Features>>>>;

template <class Net>
void Train(const peer::Request& request) {
  Net net;
  dlib::resizable_tensor images;
  const dlib::matrix<float> image = dlib::zeros_matrix<float>(request.height, request.width);
  net.to_tensor(&image, &image + 1, images);  // says that an image is one sample
  images.set_size(request.batch, request.channels, request.height, request.width);
  dlib::tt::tensor_rand random(1);
  random.fill_gaussian(images);
  std::vector<unsigned long> labels;
  for (int i = 0; i < request.batch; i++) labels.push_back(static_cast<unsigned long>(i) * 7 % 10);
  std::vector<dlib::sgd> solvers(Net::num_computational_layers, dlib::sgd(5e-4f, 0.9f));
  peer::Answer(request, std::to_string(DLIB_MAJOR_VERSION) + "." + std::to_string(DLIB_MINOR_VERSION), [&] {
    net.compute_parameter_gradients(images, labels.begin());
    net.update_parameters(dlib::make_sstack(solvers), 1e-6);
  });
}

void TrainNamed(const peer::Request& request) {
  if (request.network == "threelayer") return Train<ThreeLayer>(request);
  if (request.network == "lenet5") return Train<LeNet5>(request);
  throw std::invalid_argument("there is no network \"" + request.network +
                              "\" here; choose from threelayer, lenet5");
}

}  // namespace

int main(int argc, char** argv) { return peer::Main(argc, argv, TrainNamed); }
