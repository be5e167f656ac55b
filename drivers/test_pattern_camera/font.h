// SPDX-License-Identifier: Apache-2.0
// A bitmap font of capitals, digits and some signs, drawn for the test pattern.
#pragma once

#include <array>
#include <cstdint>

namespace ocellus::drivers {

constexpr int kGlyphWidth = 5;
constexpr int kGlyphHeight = 7;
constexpr int kGlyphAdvance = kGlyphWidth + 1;

// Rows from top to bottom; of each the lowest five bits, the leftmost pixel in the highest.
using Glyph = std::array<uint8_t, kGlyphHeight>;

// Small letters look like capitals; what the font lacks looks like a box.
const Glyph& GlyphOf(char character);

}  // namespace ocellus::drivers
