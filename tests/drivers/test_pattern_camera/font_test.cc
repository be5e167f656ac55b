// SPDX-License-Identifier: Apache-2.0
#include "drivers/test_pattern_camera/font.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace ocellus::drivers {
namespace {

const std::string kAll = " 0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ:.,-/()";

TEST(Font, GivesEachCharacterItsOwnShape) {
  std::set<Glyph> shapes;
  for (const char character : kAll) shapes.insert(GlyphOf(character));
  EXPECT_EQ(shapes.size(), kAll.size());
}

TEST(Font, StaysWithinItsFiveColumns) {
  for (const char character : kAll) {
    for (const uint8_t row : GlyphOf(character)) EXPECT_LT(row, 1 << kGlyphWidth) << character;
  }
}

TEST(Font, DrawsSmallLettersAsCapitals) { EXPECT_EQ(GlyphOf('q'), GlyphOf('Q')); }

TEST(Font, DrawsABoxForWhatItLacks) {
  EXPECT_EQ(GlyphOf('\x7f'), GlyphOf('~'));
  EXPECT_EQ(GlyphOf('~')[0], 0b11111);
}

}  // namespace
}  // namespace ocellus::drivers
