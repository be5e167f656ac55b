// SPDX-License-Identifier: Apache-2.0
// DNS messages as multicast DNS uses them (RFC 1035 section 4, RFC 6762 section 18): questions and
// resource records, with compressed names read and plain ones written. Knows no record's data but
// that of addresses.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "firmware/base/socket_address.h"
#include "firmware/base/status.h"

namespace ocellus::mdns {

// A domain name: labels of any bytes, compared without regard to the case of ASCII letters
// (RFC 6762 section 16).
class Name {
 public:
  Name() = default;  // The root.
  // "camera.local", without escapes and without a final dot. nullopt: an empty label, one of more
  // than 63 bytes, or more than 255 in all (RFC 1035 section 2.3.4).
  static std::optional<Name> FromText(std::string_view text);

  // Adds a label at the end. False, and nothing is added, when it is too long or the name would be.
  bool Append(std::string_view label);
  // As written, each label behind its length, without the root's zero.
  std::string_view labels() const { return labels_; }

  friend bool operator==(const Name& a, const Name& b);
  friend bool operator!=(const Name& a, const Name& b) { return !(a == b); }

 private:
  std::string labels_;
};

enum class RecordType : uint16_t { kA = 1, kAaaa = 28 };

// RFC 1035 section 3.2.4. Its top bit means "answer me alone" in a question (RFC 6762 section 5.4)
// and "forget what you knew" in a record (section 10.2).
constexpr uint16_t kClassInternet = 1;

struct Question {
  Name name;
  RecordType type = RecordType::kA;
  uint16_t question_class = kClassInternet;
};

enum class Section : uint8_t { kAnswer, kAuthority, kAdditional };

struct Record {
  Section section = Section::kAnswer;
  Name name;
  RecordType type = RecordType::kA;
  uint16_t record_class = kClassInternet;  // Without the top bit.
  bool cache_flush = false;
  uint32_t ttl_seconds = 0;  // 0: a goodbye (RFC 6762 section 10.1).
  std::string data;          // As it came: names within may be compressed.

  // What an A or AAAA record of the Internet says; nullopt of every other, and of a wrong length.
  std::optional<IpAddress> address() const;
};

struct Message {
  uint16_t id = 0;
  bool is_response = false;
  bool is_authoritative = false;
  bool is_truncated = false;
  uint8_t opcode = 0;         // 4 bits; 0: a standard query or its response.
  uint8_t response_code = 0;  // 4 bits; 0: no error.
  std::vector<Question> questions;
  std::vector<Record> records;  // In the order of their sections.

  // Reads all of a message. `bytes` are borrowed for the call. Errors: kTruncated; kMalformed (a
  // name that is too long or whose pointers do not lead backwards); kResourceExhausted (more than
  // kMaxMdnsRecords questions and records).
  static Result<Message> Parse(Bytes bytes);

  // Writes it without compression, and returns its size. Records must be in the order of their
  // sections. Errors: kResourceExhausted (`out` is too small).
  Result<size_t> Write(MutableBytes out) const;
};

}  // namespace ocellus::mdns
