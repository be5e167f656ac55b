// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/stun/integrity.h"

#include <gtest/gtest.h>

#include "tests/rtc/stun/vectors.h"

namespace ocellus::stun {
namespace {

// RFC 5769 section 2.1 has MESSAGE-INTEGRITY at 76 and FINGERPRINT at 100.
TEST(Integrity, IsThatOfRfc5769) {
  const Vector vector = ReadVector("rfc5769-request.bin");
  const Bytes bytes = vector.bytes;
  EXPECT_TRUE(Bytes(ComputeIntegrity(bytes.first(76), vector.key)) == bytes.subspan(80, 20));
  EXPECT_EQ(ComputeFingerprint(bytes.first(100)), 0xe57a3bcfu);
}

// RFC 8489 section 14.6: the length in the header "is adjusted" to the end of the attribute.
TEST(Integrity, OfSha256CountsTheTagAsItIsCut) {
  const Vector vector = ReadVector("rfc5769-request.bin");
  const Bytes message = Bytes(vector.bytes).first(76);
  EXPECT_NE(ComputeIntegritySha256(message, vector.key),
            ComputeIntegritySha256(message, vector.key, kMinIntegritySha256Size));
}

TEST(Integrity, DoesNotDependOnTheLengthFieldOfTheMessage) {
  Vector vector = ReadVector("rfc5769-request.bin");
  const auto before = ComputeIntegrity(Bytes(vector.bytes).first(76), vector.key);
  vector.bytes[2] = 0x7f;
  EXPECT_EQ(ComputeIntegrity(Bytes(vector.bytes).first(76), vector.key), before);
}

}  // namespace
}  // namespace ocellus::stun
