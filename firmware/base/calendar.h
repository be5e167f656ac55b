// SPDX-License-Identifier: Apache-2.0
// Dates for files and certificates. Any thread.
#pragma once

#include <cstdint>
#include <string>

namespace ocellus {

// "20261120201500": year, month, day, hour, minute and second in UTC. For 1970 to 9999; earlier
// times become the beginning of 1970.
std::string UtcDigits(int64_t unix_seconds);

}  // namespace ocellus
