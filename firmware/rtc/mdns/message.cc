// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/mdns/message.h"

#include "firmware/base/byte_reader.h"
#include "firmware/base/byte_writer.h"
#include "firmware/base/limits.h"
#include "firmware/base/text.h"

namespace ocellus::mdns {
namespace {

// RFC 1035 section 2.3.4, the second with the lengths and the root's zero.
constexpr size_t kMaxLabelSize = 63;
constexpr size_t kMaxNameSize = 255;

// The upper two bits of a label's length: a pointer (RFC 1035 section 4.1.4).
constexpr uint8_t kPointer = 0xC0;

// A name without compression has 127 labels at most, and needs no more pointers than labels.
constexpr int kMaxPointers = 127;

constexpr uint16_t kTopBit = 0x8000;

constexpr uint16_t kResponseFlag = 0x8000;
constexpr uint16_t kAuthoritativeFlag = 0x0400;
constexpr uint16_t kTruncatedFlag = 0x0200;

// Reads the labels at the reader's place up to the root or a pointer, which ends a name too.
// nullopt: the root. Adds to `name`; sets `malformed` when it gets too long or has an unknown
// kind of label.
std::optional<size_t> ReadLabels(ByteReader& reader, Name& name, bool& malformed) {
  while (true) {
    const uint8_t length = reader.ReadU8();
    if (!reader.ok() || length == 0) return std::nullopt;
    if ((length & kPointer) == kPointer) {
      return size_t{static_cast<uint8_t>(length & ~kPointer)} << 8 | reader.ReadU8();
    }
    if (!name.Append(AsText(reader.ReadBytes(length)))) {
      malformed = reader.ok();
      return std::nullopt;
    }
  }
}

// Every pointer must lead to before the labels that it ends, so no name can go round in circles.
Result<Name> ReadName(Bytes message, ByteReader& reader) {
  Name name;
  bool malformed = false;
  size_t start = reader.position();
  std::optional<size_t> pointer = ReadLabels(reader, name, malformed);
  if (!reader.ok()) return Status(StatusCode::kTruncated);
  for (int followed = 0; pointer && !malformed; ++followed) {
    if (*pointer >= start || followed == kMaxPointers) return Status(StatusCode::kMalformed);
    start = *pointer;
    ByteReader earlier(message.subspan(start));
    pointer = ReadLabels(earlier, name, malformed);
    if (!earlier.ok()) return Status(StatusCode::kTruncated);
  }
  if (malformed) return Status(StatusCode::kMalformed);
  return name;
}

Result<Question> ReadQuestion(Bytes message, ByteReader& reader) {
  Result<Name> name = ReadName(message, reader);
  if (!name.ok()) return name.status();
  Question question;
  question.name = std::move(*name);
  question.type = static_cast<RecordType>(reader.ReadU16());
  question.question_class = reader.ReadU16();
  if (!reader.ok()) return Status(StatusCode::kTruncated);
  return question;
}

//    0  1  2  3  4  5  6  7  8  9  0  1  2  3  4  5
//  +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
//  /                      NAME                     /
//  +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
//  |                      TYPE                     |
//  |F                    CLASS                     |  F: cache-flush (RFC 6762 section 10.2)
//  |                      TTL (32)                 |
//  |                   RDLENGTH                    |
//  /                     RDATA                     /
//  +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
// RFC 1035 section 4.1.3.
Result<Record> ReadRecord(Bytes message, ByteReader& reader, Section section) {
  Result<Name> name = ReadName(message, reader);
  if (!name.ok()) return name.status();
  Record record;
  record.section = section;
  record.name = std::move(*name);
  record.type = static_cast<RecordType>(reader.ReadU16());
  const uint16_t record_class = reader.ReadU16();
  record.record_class = record_class & static_cast<uint16_t>(~kTopBit);
  record.cache_flush = (record_class & kTopBit) != 0;
  record.ttl_seconds = reader.ReadU32();
  record.data = AsText(reader.ReadBytes(reader.ReadU16()));
  if (!reader.ok()) return Status(StatusCode::kTruncated);
  return record;
}

void WriteName(ByteWriter& writer, const Name& name) {
  writer.WriteBytes(AsBytes(name.labels()));
  writer.WriteU8(0);
}

}  // namespace

std::optional<Name> Name::FromText(std::string_view text) {
  Name name;
  while (true) {
    const size_t dot = text.find('.');
    if (!name.Append(text.substr(0, dot))) return std::nullopt;
    if (dot == std::string_view::npos) return name;
    text.remove_prefix(dot + 1);
  }
}

bool Name::Append(std::string_view label) {
  if (label.empty() || label.size() > kMaxLabelSize) return false;
  if (labels_.size() + 1 + label.size() + 1 > kMaxNameSize) return false;
  labels_ += static_cast<char>(label.size());
  labels_ += label;
  return true;
}

// A label's length is at most 63, which no letter's code is.
bool operator==(const Name& a, const Name& b) { return EqualsIgnoreCase(a.labels_, b.labels_); }

std::optional<IpAddress> Record::address() const {
  if (record_class != kClassInternet) return std::nullopt;
  if (type == RecordType::kA && data.size() != 4) return std::nullopt;
  if (type == RecordType::kAaaa && data.size() != 16) return std::nullopt;
  if (type != RecordType::kA && type != RecordType::kAaaa) return std::nullopt;
  return IpAddress::FromBytes(AsBytes(data));
}

//    0  1  2  3  4  5  6  7  8  9  0  1  2  3  4  5
//  +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
//  |                      ID                       |
//  |QR|   Opcode  |AA|TC|RD|RA|   Z    |   RCODE   |
//  |                    QDCOUNT                    |
//  |                    ANCOUNT                    |
//  |                    NSCOUNT                    |
//  |                    ARCOUNT                    |
//  +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
// RFC 1035 section 4.1.1.
Result<Message> Message::Parse(Bytes bytes) {
  ByteReader reader(bytes);
  Message message;
  message.id = reader.ReadU16();
  const uint16_t flags = reader.ReadU16();
  message.is_response = (flags & kResponseFlag) != 0;
  message.is_authoritative = (flags & kAuthoritativeFlag) != 0;
  message.is_truncated = (flags & kTruncatedFlag) != 0;
  message.opcode = flags >> 11 & 0xF;
  message.response_code = flags & 0xF;
  const size_t questions = reader.ReadU16();
  const size_t records[] = {reader.ReadU16(), reader.ReadU16(), reader.ReadU16()};
  if (!reader.ok()) return Status(StatusCode::kTruncated);
  if (questions + records[0] + records[1] + records[2] > kMaxMdnsRecords) {
    return Status(StatusCode::kResourceExhausted);
  }

  for (size_t i = 0; i < questions; ++i) {
    Result<Question> question = ReadQuestion(bytes, reader);
    if (!question.ok()) return question.status();
    message.questions.push_back(std::move(*question));
  }
  for (const Section section : {Section::kAnswer, Section::kAuthority, Section::kAdditional}) {
    for (size_t i = 0; i < records[static_cast<size_t>(section)]; ++i) {
      Result<Record> record = ReadRecord(bytes, reader, section);
      if (!record.ok()) return record.status();
      message.records.push_back(std::move(*record));
    }
  }
  return message;
}

Result<size_t> Message::Write(MutableBytes out) const {
  ByteWriter writer(out);
  writer.WriteU16(id);
  writer.WriteU16(static_cast<uint16_t>(
      (is_response ? kResponseFlag : 0) | (is_authoritative ? kAuthoritativeFlag : 0) |
      (is_truncated ? kTruncatedFlag : 0) | (opcode & 0xF) << 11 | (response_code & 0xF)));
  writer.WriteU16(static_cast<uint16_t>(questions.size()));
  uint16_t counts[3] = {};
  for (const Record& record : records) ++counts[static_cast<size_t>(record.section)];
  for (const uint16_t count : counts) writer.WriteU16(count);

  for (const Question& question : questions) {
    WriteName(writer, question.name);
    writer.WriteU16(static_cast<uint16_t>(question.type));
    writer.WriteU16(question.question_class);
  }
  for (const Record& record : records) {
    WriteName(writer, record.name);
    writer.WriteU16(static_cast<uint16_t>(record.type));
    writer.WriteU16(
        static_cast<uint16_t>(record.record_class | (record.cache_flush ? kTopBit : 0)));
    writer.WriteU32(record.ttl_seconds);
    writer.WriteU16(static_cast<uint16_t>(record.data.size()));
    writer.WriteBytes(AsBytes(record.data));
  }
  if (!writer.ok()) return Status(StatusCode::kResourceExhausted);
  return writer.size();
}

}  // namespace ocellus::mdns
