// Prints the GFLOP/s that so many threads reach now, by multiply-adds without memory: the probe beside each measurement.
//   usage: fovea_peer_peak THREADS
#include <cstdio>
#include <cstdlib>

#include "fovea/kernels/peak.h"

int main(int argc, char** argv) {
  const int threads = argc == 2 ? std::atoi(argv[1]) : 0;
  if (threads < 1) {
    std::fprintf(stderr, "usage: %s THREADS\n", argv[0]);
    return 2;
  }
  fovea::ThreadPool pool(threads);
  fovea::ProbePeak(pool, 10);  // wakes the threads and the clock
  std::printf("%.1f\n", fovea::ProbePeak(pool, 30));
  return 0;
}
