#include "fovea/report/markup.h"

#include <gtest/gtest.h>

namespace fovea {
namespace {

TEST(Escape, ReplacesWhatMarkupWouldRead) {
  EXPECT_EQ(Escape("<b a=\"1\" c='2'>&</b>"), "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;&lt;/b&gt;");
  EXPECT_EQ(Escape("naïve ✓ \xF0\x9F\x90\x88"), "naïve ✓ \xF0\x9F\x90\x88");
}

TEST(Escape, ReplacesWhatXmlForbids) {
  const std::string mark = "\xEF\xBF\xBD";
  EXPECT_EQ(Escape(std::string("a\0b\x1B", 4)), "a" + mark + "b" + mark);
  EXPECT_EQ(Escape("\xFF"), mark);
  EXPECT_EQ(Escape("\xC3"), mark);              // cut off
  EXPECT_EQ(Escape("\xC0\xAF"), mark + mark);   // overlong
  EXPECT_EQ(Escape("\xED\xA0\x80"), mark);      // a surrogate
  EXPECT_EQ(Escape("\xF4\x90\x80\x80"), mark);  // above U+10FFFF
}

TEST(Markup, NestsAndEscapes) {
  Markup m;
  m.Open("p", {{"title", "a\"b"}}).Text("1 < 2").Leaf("br", {}).Element("b", {}, "&").Close();
  EXPECT_TRUE(m.closed());
  EXPECT_EQ(m.str(), "<p title=\"a&quot;b\">1 &lt; 2<br/>\n<b>&amp;</b>\n</p>\n");
}

TEST(Coordinate, HasAtMostTwoDecimals) {
  EXPECT_EQ(Coordinate(1.0 / 3), "0.33");
  EXPECT_EQ(Coordinate(12), "12");
  EXPECT_EQ(Coordinate(-0.001), "0");
}

}  // namespace
}  // namespace fovea
