// In place of libFuzzer where the compiler has none: seeds as they are, then with random damage, or the fuzzer's own mutations, for
// -max_total_time seconds.
// Takes libFuzzer's flags, of which it knows that one and -artifact_prefix, and folders of seeds.
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size);
// Of fuzzers that have one.
extern "C" [[gnu::weak]] std::size_t LLVMFuzzerCustomMutator(uint8_t* data, std::size_t size,
                                                             std::size_t most, unsigned seed);

extern "C" std::size_t LLVMFuzzerMutate(uint8_t* data, std::size_t size, std::size_t) {
  if (size > 0) data[size / 2] ^= 1;
  return size;
}

namespace {

// What is read at the moment, in memory that outlives the process: a sanitizer ends it without a word.
struct Kept {
  static constexpr std::size_t kMost = 1 << 20;
  std::size_t size;
  char bytes[kMost];
};

void Read(const std::string& bytes, Kept& kept) {
  kept.size = std::min(bytes.size(), Kept::kMost);
  std::copy_n(bytes.data(), kept.size, kept.bytes);
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
}

// A seed with a byte changed, a part cut out, or one of another seed put in, up to eight times.
std::string Damaged(const std::vector<std::string>& seeds, std::mt19937_64& random) {
  const auto below = [&](std::size_t n) {
    return static_cast<std::size_t>(random() % std::max<std::size_t>(n, 1));
  };
  std::string bytes = seeds[below(seeds.size())];
  for (std::size_t edits = 1 + below(8); edits > 0 && !bytes.empty(); edits--) {
    const std::size_t at = below(bytes.size());
    const std::string& other = seeds[below(seeds.size())];
    switch (below(4)) {
      case 0:
        bytes[at] = static_cast<char>(bytes[at] ^ (1 << below(8)));
        break;
      case 1:
        bytes[at] = static_cast<char>(below(256));
        break;
      case 2:
        bytes.erase(at, 1 + below(16));
        break;
      default:
        if (!other.empty()) bytes.insert(at, other, below(other.size()), 1 + below(16));
    }
  }
  return bytes;
}

std::string Mutated(const std::string& seed, std::mt19937_64& random) {
  constexpr std::size_t kRoom = 4096;
  std::string bytes = seed;
  bytes.resize(seed.size() + kRoom);
  bytes.resize(LLVMFuzzerCustomMutator(reinterpret_cast<uint8_t*>(bytes.data()), seed.size(), bytes.size(),
                                       static_cast<unsigned>(random())));
  return bytes;
}

std::vector<std::string> SeedsBelow(const std::string& folder) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> seeds;
  for (const auto& path : paths) {
    std::ifstream file(path, std::ios::binary);
    seeds.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return seeds;
}

void ReadAll(const std::vector<std::string>& seeds, int seconds, Kept& kept) {
  for (const std::string& seed : seeds) Read(seed, kept);
  std::mt19937_64 random(5);
  std::size_t runs = seeds.size();
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  for (; std::chrono::steady_clock::now() < end; runs++) {
    std::string bytes = Damaged(seeds, random);
    if (LLVMFuzzerCustomMutator != nullptr && runs % 4 > 0)
      bytes = Mutated(seeds[random() % seeds.size()], random);
    Read(bytes, kept);
  }
  std::fprintf(stderr, "stat::number_of_executed_units: %zu\n", runs);
}

}  // namespace

int main(int count, char** words) {
  const std::string time = "-max_total_time=", prefix = "-artifact_prefix=";
  std::vector<std::string> seeds{""};
  std::string artifact;
  int seconds = 1;
  for (int i = 1; i < count; i++) {
    const std::string word = words[i];
    if (word.starts_with(time)) seconds = std::stoi(word.substr(time.size()));
    if (word.starts_with(prefix)) artifact = word.substr(prefix.size());
    if (word.starts_with("-")) continue;
    for (std::string& seed : SeedsBelow(word)) seeds.push_back(std::move(seed));
  }
  void* shared = mmap(nullptr, sizeof(Kept), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) return 2;
  Kept& kept = *static_cast<Kept*>(shared);
  const pid_t child = fork();
  if (child == 0) {
    ReadAll(seeds, seconds, kept);
    return 0;
  }
  int status = -1;
  if (child < 0 || waitpid(child, &status, 0) != child || status == 0) return status;
  std::ofstream(artifact + "finding", std::ios::binary)
      .write(kept.bytes, static_cast<std::streamsize>(kept.size));
  std::fprintf(stderr, "the input is in %sfinding\n", artifact.c_str());
  return 1;
}
