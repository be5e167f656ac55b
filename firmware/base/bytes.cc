// SPDX-License-Identifier: Apache-2.0
#include "firmware/base/bytes.h"

namespace ocellus {

bool ConstantTimeEqual(Bytes a, Bytes b) {
  if (a.size() != b.size()) return false;
  volatile uint8_t difference = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    difference = static_cast<uint8_t>(difference | (a[i] ^ b[i]));
  }
  return difference == 0;
}

void Wipe(MutableBytes secret) {
  volatile uint8_t* byte = secret.data();
  for (size_t i = 0; i < secret.size(); ++i) byte[i] = 0;
}

}  // namespace ocellus
