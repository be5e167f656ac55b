// SPDX-License-Identifier: Apache-2.0
#include "firmware/base/base64.h"

namespace ocellus {

// Each three bytes become four characters; of one or two bytes at the end, what is missing is
// padded.
std::string Base64Encode(Bytes bytes) {
  constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const size_t count = bytes.size() - i;
    const unsigned bits = unsigned{bytes[i]} << 16 |
                          (count > 1 ? unsigned{bytes[i + 1]} << 8 : 0u) |
                          (count > 2 ? unsigned{bytes[i + 2]} : 0u);
    text += kAlphabet[bits >> 18];
    text += kAlphabet[bits >> 12 & 63];
    text += count > 1 ? kAlphabet[bits >> 6 & 63] : '=';
    text += count > 2 ? kAlphabet[bits & 63] : '=';
  }
  return text;
}

}  // namespace ocellus
