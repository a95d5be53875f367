#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "fovea/base/file.h"
#include "fovea/base/message_of.h"
#include "fovea/base/random.h"
#include "fovea/data/photo/decode.h"
#include "fovea/data/photo/orientation.h"
#include "fovea/data/photo/sample_photos.h"

namespace fovea {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string MessageOf(const std::string& bytes) {
  return fovea::MessageOf([&] { DecodePhotoBytes(bytes, "a.jpg"); });
}

int LargestDifference(const Image& a, const Image& b) {
  if (a.width != b.width || a.height != b.height || a.pixels.size() != b.pixels.size()) return 1000;
  int most = 0;
  for (std::size_t i = 0; i < a.pixels.size(); i++)
    most = std::max(most, std::abs(a.pixels[i] - b.pixels[i]));
  return most;
}

constexpr int kJpegLoss = 6;  // of smooth colours at quality 97, colour conversion included

TEST(Jpeg, ReadsBaselineAndProgressive) {
  const Image image = SampleImage(67, 45);
  for (const bool progressive : {false, true}) {
    const Image read = DecodePhotoBytes(JpegBytes(image, {.progressive = progressive}), "a.jpg");
    EXPECT_LE(LargestDifference(read, image), kJpegLoss);
  }
}

TEST(Jpeg, ReadsGreyAsThreeEqualChannels) {
  const Image read = DecodePhotoBytes(JpegBytes(SampleImage(20, 30), {.colour = JpegColour::kGrey}), "a.jpg");
  ASSERT_EQ(read.pixels.size(), 20u * 30 * 3);
  for (std::size_t i = 0; i < read.pixels.size(); i += 3) {
    EXPECT_EQ(read.pixels[i], read.pixels[i + 1]);
    EXPECT_EQ(read.pixels[i], read.pixels[i + 2]);
  }
}

TEST(Jpeg, ReadsInksInvertedOrNot) {
  const Image image = SampleImage(33, 17);
  for (const JpegStyle& style :
       {JpegStyle{.colour = JpegColour::kCmyk}, JpegStyle{.colour = JpegColour::kYcck},
        JpegStyle{.colour = JpegColour::kCmyk, .adobe = false}}) {
    EXPECT_LE(LargestDifference(DecodePhotoBytes(JpegBytes(image, style), "a.jpg"), image), kJpegLoss);
  }
}

// Where the stored row 0 and column 0 are to be seen, from the table of the EXIF standard.
TEST(Jpeg, IsTurnedUprightByAllEightOrientations) {
  struct Case {
    const char *row, *column;
  };
  const Case cases[] = {{"top", "left"}, {"top", "right"}, {"bottom", "right"}, {"bottom", "left"},
                        {"left", "top"}, {"right", "top"}, {"right", "bottom"}, {"left", "bottom"}};
  Image stored{24, 16, std::vector<uint8_t>(24 * 16 * 3, 128)};
  for (std::size_t x = 0; x < 24; x++) stored.pixels[x * 3] = 255;           // row 0: red
  for (std::size_t y = 0; y < 16; y++) stored.pixels[y * 24 * 3 + 2] = 255;  // column 0: blue
  for (int orientation = 1; orientation <= 8; orientation++) {
    const Case& expected = cases[orientation - 1];
    const Image seen = Orient(stored, orientation);
    const auto edge = [&](const std::string& name, int channel) {
      const bool across = name == "top" || name == "bottom";
      for (int64_t i = 0; i < (across ? seen.width : seen.height); i++) {
        const int64_t x = across ? i : name == "left" ? 0 : seen.width - 1;
        const int64_t y = !across ? i : name == "top" ? 0 : seen.height - 1;
        if (seen.pixels[static_cast<std::size_t>((y * seen.width + x) * 3 + channel)] != 255) return false;
      }
      return true;
    };
    EXPECT_TRUE(edge(expected.row, 0)) << orientation;
    EXPECT_TRUE(edge(expected.column, 2)) << orientation;
  }
}

TEST(Jpeg, TakesTheOrientationFromExif) {
  const Image image = SampleImage(40, 24);
  const std::string path = testing::TempDir() + "fovea_turned.jpg";
  for (int orientation = 1; orientation <= 8; orientation++) {
    const std::string bytes =
        JpegBytes(image, {.orientation = orientation, .big_endian = orientation % 2 == 0});
    const Image read = DecodePhotoBytes(bytes, "a.jpg");
    EXPECT_LE(LargestDifference(read, Orient(image, orientation)), kJpegLoss) << orientation;
    WriteFileAtomic(path, bytes);
    EXPECT_EQ(ReadPhotoSize(path).width, orientation >= 5 ? 24 : 40);
    EXPECT_EQ(ReadPhotoSize(path).height, orientation >= 5 ? 40 : 24);
  }
}

TEST(Jpeg, IsUprightWhenExifIsDamaged) {
  std::vector<uint8_t> segment = {'E', 'x', 'i', 'f', 0, 0, 'I', 'I', 42, 0, 8, 0, 0, 0, 255, 255};
  EXPECT_EQ(ReadOrientation(segment), 1);
  segment[10] = segment[11] = segment[12] = segment[13] = 255;  // the directory lies far away
  EXPECT_EQ(ReadOrientation(segment), 1);
  for (std::size_t size = 0; size < segment.size(); size++)
    EXPECT_EQ(ReadOrientation({segment.data(), size}), 1);
}

TEST(Jpeg, IsDecodedSmallerOnlyAsFarAsAllowed) {
  const std::string bytes = JpegBytes(SampleImage(400, 300));
  const auto width = [&](int64_t at_least) { return DecodePhotoBytes(bytes, "a.jpg", at_least).width; };
  EXPECT_EQ(width(0), 400);
  EXPECT_EQ(width(151), 400);
  EXPECT_EQ(width(150), 200);
  EXPECT_EQ(width(75), 100);
  EXPECT_EQ(width(38), 50);
  EXPECT_EQ(width(1), 50);
}

TEST(Jpeg, IsRefusedWhenTruncatedAnywhere) {
  for (const bool progressive : {false, true}) {
    const std::string bytes = JpegBytes(SampleImage(50, 40), {.progressive = progressive});
    for (std::size_t size = 0; size < bytes.size(); size++)
      EXPECT_THAT(MessageOf(bytes.substr(0, size)), HasSubstr("a.jpg: ")) << size;
  }
  const std::string bytes = JpegBytes(SampleImage(50, 40));
  EXPECT_THAT(MessageOf(bytes.substr(0, bytes.size() - 200)),
              AllOf(HasSubstr("truncated JPEG: Premature end"), HasSubstr("remove it")));
}

TEST(Jpeg, PassesOverStrayBytesThatLoseNothing) {
  std::string bytes = JpegBytes(SampleImage(50, 40));
  bytes.insert(bytes.size() - 2, "\x12");
  EXPECT_EQ(MessageOf(bytes), "");
}

// The place of the height, then the width, in the frame's segment.
std::size_t FrameSize(const std::string& bytes) { return bytes.find("\xff\xc0") + 5; }

TEST(Jpeg, IsRefusedBeforeAHugeHeaderIsBelieved) {
  std::string bytes = JpegBytes(SampleImage(16, 16));
  bytes.replace(FrameSize(bytes), 4, "\xff\xff\xff\xff");
  EXPECT_THAT(MessageOf(bytes), AllOf(HasSubstr("a.jpg"), HasSubstr("65500")));
  bytes.replace(FrameSize(bytes), 4, "\x27\x11\x27\x10");  // 10001 x 10000
  EXPECT_THAT(MessageOf(bytes), HasSubstr("10000x10001 pixels; photos of 1 to 100 million"));
}

TEST(Jpeg, IsRefusedWithScansWithoutEnd) {
  const std::string bytes = JpegBytes(SampleImage(16, 16), {.colour = JpegColour::kGrey, .many_scans = true});
  EXPECT_THAT(MessageOf(bytes), HasSubstr("More than 100 scans"));
}

TEST(Png, ReadsEveryGreyDepth) {
  EXPECT_EQ(DecodePhotoBytes(PngBytes(2, 1, {0x40}, {.depth = 1, .type = 0}), "a").pixels,
            (std::vector<uint8_t>{0, 0, 0, 255, 255, 255}));
  EXPECT_EQ(DecodePhotoBytes(PngBytes(2, 1, {0x60}, {.depth = 2, .type = 0}), "a").pixels,
            (std::vector<uint8_t>{85, 85, 85, 170, 170, 170}));
  EXPECT_EQ(DecodePhotoBytes(PngBytes(2, 1, {0x1e}, {.depth = 4, .type = 0}), "a").pixels,
            (std::vector<uint8_t>{17, 17, 17, 238, 238, 238}));
  EXPECT_EQ(DecodePhotoBytes(PngBytes(1, 1, {99}, {.depth = 8, .type = 0}), "a").pixels,
            (std::vector<uint8_t>{99, 99, 99}));
}

TEST(Png, RoundsSixteenBitsToEight) {
  const std::vector<uint8_t> row = {0x12, 0xff, 0x80, 0x00, 0xff, 0x7f};
  EXPECT_EQ(DecodePhotoBytes(PngBytes(1, 1, row, {.depth = 16, .type = 2}), "a").pixels,
            (std::vector<uint8_t>{0x13, 0x80, 0xff}));
}

TEST(Png, LaysTransparencyOverWhite) {
  const std::vector<uint8_t> rgba = {10, 20, 30, 255, 10, 20, 30, 0, 10, 20, 30, 51};
  EXPECT_EQ(DecodePhotoBytes(PngBytes(3, 1, rgba, {.type = 6}), "a").pixels,
            (std::vector<uint8_t>{10, 20, 30, 255, 255, 255, 206, 208, 210}));
  EXPECT_EQ(DecodePhotoBytes(PngBytes(1, 1, {0, 0}, {.type = 4}), "a").pixels,
            (std::vector<uint8_t>{255, 255, 255}));
  const PngStyle palette{.depth = 8, .type = 3, .palette = {1, 2, 3, 4, 5, 6}, .palette_alpha = {0}};
  EXPECT_EQ(DecodePhotoBytes(PngBytes(2, 1, {0, 1}, palette), "a").pixels,
            (std::vector<uint8_t>{255, 255, 255, 4, 5, 6}));
}

TEST(Png, ReadsInterlacedAsPlain) {
  const Image image = SampleImage(23, 19);
  for (const bool interlaced : {false, true}) {
    const std::string bytes = PngBytes(23, 19, image.pixels, {.interlaced = interlaced});
    EXPECT_EQ(DecodePhotoBytes(bytes, "a").pixels, image.pixels);
  }
}

TEST(Png, IsRefusedWhenTruncatedOrHuge) {
  std::string bytes = PngBytes(23, 19, SampleImage(23, 19).pixels);
  for (std::size_t size = 0; size < bytes.size(); size++)
    EXPECT_THAT(MessageOf(bytes.substr(0, size)), HasSubstr("a.jpg: ")) << size;
  EXPECT_THAT(MessageOf(bytes.substr(0, 60)), HasSubstr("PNG: the file ends early (near byte"));
  bytes.replace(16, 4, std::string("\x00\x98\x96\x80", 4));  // ten million wide; its checksum is wrong now
  EXPECT_THAT(MessageOf(bytes), HasSubstr("a.jpg: damaged or truncated PNG: IHDR: CRC error"));
  const std::vector<uint8_t> bits(1251 * 10'000);
  EXPECT_THAT(MessageOf(PngBytes(10'001, 10'000, bits, {.depth = 1, .type = 0})),
              HasSubstr("10001x10000 pixels; photos of 1 to 100 million"));
  EXPECT_THROW(CheckPhotoSize("a", 200'000, 501), FormatError);
  EXPECT_NO_THROW(CheckPhotoSize("a", 200'000, 500));
}

TEST(Photo, IsRecognisedByItsBytes) {
  EXPECT_EQ(MessageOf("GIF89a......"),
            "a.jpg: not a JPEG or PNG (it begins as a GIF); convert it or remove it");
  EXPECT_THAT(MessageOf("RIFF....WEBPVP8 "), HasSubstr("(it begins as a WebP)"));
  EXPECT_THAT(MessageOf("hello"), HasSubstr("(it begins as text)"));
  EXPECT_THAT(MessageOf("<!DOCTYPE html>"), HasSubstr("a web page"));
  EXPECT_THAT(MessageOf(std::string("\0\1\2\3\4", 5)), HasSubstr("(its first bytes are 00 01 02 03)"));
  EXPECT_THAT(MessageOf(""), HasSubstr("the file is empty"));
  const std::string path = testing::TempDir() + "fovea_wrong_name.jpg";
  WriteFileAtomic(path, PngBytes(1, 1, {7, 8, 9}));
  EXPECT_EQ(DecodePhoto(path).pixels, (std::vector<uint8_t>{7, 8, 9}));
  EXPECT_EQ(ReadPhotoSize(path).width, 1);
  EXPECT_THROW(DecodePhoto(path + ".none"), IoError);
  EXPECT_THROW(ReadPhotoSize(path + ".none"), IoError);
  EXPECT_THROW(ReadPhotoSize(testing::TempDir()), IoError);
}

TEST(Photo, HasItsSizeBehindALongSegment) {
  std::string bytes = JpegBytes(SampleImage(30, 20));
  for (int i = 0; i < 3; i++) bytes.insert(2, "\xff\xe2\xff\xff" + std::string(0xfffd, 'x'));
  const std::string path = testing::TempDir() + "fovea_long_segment.jpg";
  WriteFileAtomic(path, bytes);
  EXPECT_EQ(ReadPhotoSize(path).width, 30);
  WriteFileAtomic(path, bytes.substr(0, 150'000));
  EXPECT_THROW(ReadPhotoSize(path), FormatError);
}

TEST(Photo, NeverCrashesOnDamage) {
  const Image image = SampleImage(40, 32);
  std::vector<std::string> whole = {JpegBytes(image), JpegBytes(image, {.progressive = true}),
                                    JpegBytes(image, {.colour = JpegColour::kYcck, .orientation = 6}),
                                    PngBytes(40, 32, image.pixels, {.interlaced = true})};
  int refused = 0;
  for (uint64_t trial = 0; trial < 800; trial++) {
    RandomStream random({1, Purpose::kTest}, trial);
    std::string bytes = whole[trial % whole.size()];
    const uint32_t changes = 1 + random.Below(4),
                   region = trial % 2 ? 200 : static_cast<uint32_t>(bytes.size());
    for (uint32_t i = 0; i < changes; i++) bytes[random.Below(region)] = static_cast<char>(random.Below(256));
    refused += !MessageOf(bytes).empty();
  }
  EXPECT_GT(refused, 200);
}

}  // namespace
}  // namespace fovea
