// SPDX-License-Identifier: Apache-2.0
// Binding requests made by hand: right ones, and ones with a flaw.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "firmware/rtc/ice/credentials.h"
#include "firmware/rtc/ice/types.h"
#include "firmware/rtc/stun/message_writer.h"

namespace ocellus::ice {

struct ForgedCheck {
  Credentials recipient;
  std::string sender_ufrag = "peer";
  std::optional<Role> role = Role::kControlling;
  uint64_t tie_breaker = 1;
  bool use_candidate = false;
  std::optional<uint32_t> priority = 0x6e0001ff;
  std::vector<stun::AttributeType> unknown = {};
  bool has_username = true;
  bool has_integrity = true;
  bool has_fingerprint = true;
  size_t padding = 0;  // Bytes of a comprehension-optional attribute.
  stun::TransactionId id = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};

  std::vector<uint8_t> Write() const {
    std::vector<uint8_t> out(1500);
    stun::MessageWriter writer(out, {stun::MessageClass::kRequest, stun::Method::kBinding, id});
    if (has_username) {
      writer.AddJoinedText(stun::AttributeType::kUsername, recipient.ufrag, ':', sender_ufrag);
    }
    if (priority) writer.AddU32(stun::AttributeType::kPriority, *priority);
    if (use_candidate) writer.AddFlag(stun::AttributeType::kUseCandidate);
    if (role) {
      writer.AddU64(*role == Role::kControlling ? stun::AttributeType::kIceControlling
                                                : stun::AttributeType::kIceControlled,
                    tie_breaker);
    }
    for (const stun::AttributeType type : unknown) writer.AddU32(type, 0);
    if (padding > 0) {
      const std::vector<uint8_t> dtls(padding, 0x16);
      writer.Add(static_cast<stun::AttributeType>(0xC070), dtls);
    }
    if (has_integrity) writer.AddIntegrity(AsBytes(recipient.pwd));
    if (has_fingerprint) writer.AddFingerprint();
    out.resize(writer.Finish().value());
    return out;
  }
};

}  // namespace ocellus::ice
