// SPDX-License-Identifier: Apache-2.0
// The messages of tests/data/stun: those of RFC 5769, and checks captured from browsers.
#pragma once

#include <fstream>
#include <iterator>
#include <ostream>
#include <sstream>
#include <string>
#include <vector>

#include "firmware/base/bytes.h"
#include "firmware/base/text.h"

namespace ocellus::stun {

struct Vector {
  std::string name;
  std::string message_class;
  std::vector<uint8_t> key;
  std::string username;  // Empty when there is none.
  std::vector<uint8_t> bytes;
};

inline std::ostream& operator<<(std::ostream& out, const Vector& vector) {
  return out << vector.name;
}

inline std::vector<uint8_t> FromHex(std::string_view text) {
  std::vector<uint8_t> bytes;
  for (; text.size() >= 2; text.remove_prefix(2)) {
    bytes.push_back(ParseNumber<uint8_t>(text.substr(0, 2), 16).value());
  }
  return bytes;
}

// Run in the source tree, as CTest does; empty elsewhere.
inline std::vector<Vector> ReadVectors() {
  const std::string directory = "tests/data/stun/";
  std::vector<Vector> vectors;
  std::ifstream index(directory + "index.txt");
  for (std::string line; std::getline(index, line);) {
    if (line[0] == '#') continue;
    std::istringstream words(line);
    Vector vector;
    std::string key;
    words >> vector.name >> vector.message_class >> key >> vector.username;
    if (vector.username == "-") vector.username.clear();
    vector.key = FromHex(key);
    std::ifstream file(directory + "messages/" + vector.name, std::ios::binary);
    vector.bytes.assign(std::istreambuf_iterator<char>(file), {});
    vectors.push_back(std::move(vector));
  }
  return vectors;
}

inline Vector ReadVector(std::string_view name) {
  for (Vector& vector : ReadVectors()) {
    if (vector.name == name) return std::move(vector);
  }
  return {};
}

}  // namespace ocellus::stun
