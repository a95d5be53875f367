#include "fovea/report/markup.h"

#include <fmt/format.h>

#include <cmath>

namespace fovea {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

unsigned Byte(std::string_view text, std::size_t i) { return static_cast<unsigned char>(text[i]); }

struct CodePoint {
  std::size_t length = 0;  // 0: not UTF-8
  unsigned value = 0;
};

// The code point that starts at `i`.
CodePoint Decode(std::string_view text, std::size_t i) {
  const unsigned first = Byte(text, i);
  if (first < 0x80) return {1, first};
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || i + length > text.size()) return {};
  unsigned value = first & (0x7Fu >> length);
  for (std::size_t k = 1; k < length; ++k) {
    if ((Byte(text, i + k) & 0xC0) != 0x80) return {};
    value = value << 6 | (Byte(text, i + k) & 0x3F);
  }
  constexpr unsigned kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  return value < kSmallest[length] ? CodePoint{} : CodePoint{length, value};
}

bool AllowedInXml(unsigned c) {
  if (c < 0x20) return c == '\t' || c == '\n' || c == '\r';
  return c != 0x7F && !(c >= 0xD800 && c <= 0xDFFF) && c != 0xFFFE && c != 0xFFFF && c <= 0x10FFFF;
}

}  // namespace

std::string Escape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const CodePoint c = Decode(text, i);
    if (c.length == 0 || !AllowedInXml(c.value)) {
      out += kReplacement;
    } else if (c.value == '&') {
      out += "&amp;";
    } else if (c.value == '<') {
      out += "&lt;";
    } else if (c.value == '>') {
      out += "&gt;";
    } else if (c.value == '"') {
      out += "&quot;";
    } else if (c.value == '\'') {
      out += "&#39;";
    } else {
      out += text.substr(i, c.length);
    }
    i += c.length == 0 ? 1 : c.length;
  }
  return out;
}

std::string Coordinate(double value) {
  const double rounded = std::floor(value * 100 + 0.5) / 100;
  return fmt::format("{}", rounded == 0 ? 0.0 : rounded);
}

void Markup::Start(std::string_view tag, Attributes attributes) {
  out_ += '<';
  out_ += tag;
  for (const auto& [name, value] : attributes) {
    out_ += ' ';
    out_ += name;
    out_ += "=\"";
    out_ += Escape(value);
    out_ += '"';
  }
}

Markup& Markup::Open(std::string_view tag, Attributes attributes) {
  Start(tag, attributes);
  out_ += '>';
  open_.emplace_back(tag);
  return *this;
}

Markup& Markup::Close() {
  out_ += "</" + open_.back() + ">\n";
  open_.pop_back();
  return *this;
}

Markup& Markup::Text(std::string_view text) {
  out_ += Escape(text);
  return *this;
}

Markup& Markup::Element(std::string_view tag, Attributes attributes, std::string_view text) {
  Start(tag, attributes);
  out_ += '>';
  out_ += Escape(text);
  out_ += "</";
  out_ += tag;
  out_ += ">\n";
  return *this;
}

Markup& Markup::Leaf(std::string_view tag, Attributes attributes) {
  Start(tag, attributes);
  out_ += "/>\n";
  return *this;
}

Markup& Markup::Verbatim(std::string_view markup) {
  out_ += markup;
  return *this;
}

}  // namespace fovea
