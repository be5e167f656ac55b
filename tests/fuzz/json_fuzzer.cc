// SPDX-License-Identifier: Apache-2.0
// What we take for JSON, cJSON reads to the end; and what was read is written as JSON that reads
// and writes the same.
#include "firmware/base/bytes.h"
#include "firmware/json/json.h"
#include "firmware/json/syntax.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using ocellus::json::Value;
  const std::string_view text = ocellus::AsText(ocellus::Bytes(data, size));
  const ocellus::Result<Value> json = Value::Parse(text);
  CHECK(json.ok() == ocellus::json::CheckSyntax(text).ok(), "%s", json.status().ToString().c_str());
  if (!json.ok()) return 0;
  const std::string written = json->Write();
  const ocellus::Result<Value> again = Value::Parse(written);
  CHECK(again.ok(), "%s in %s", again.status().ToString().c_str(), written.c_str());
  CHECK(again->Write() == written, "%s became %s", written.c_str(), again->Write().c_str());
  return 0;
}
