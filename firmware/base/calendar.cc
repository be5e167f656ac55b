// SPDX-License-Identifier: Apache-2.0
#include "firmware/base/calendar.h"

#include "firmware/base/status.h"

namespace ocellus {

// The days-to-civil algorithm: years begin in March, so that the leap day is the last one.
std::string UtcDigits(int64_t unix_seconds) {
  const int64_t seconds = unix_seconds < 0 ? 0 : unix_seconds;
  const int64_t day = seconds / 86400 + 719468;  // Since 0000-03-01.
  const int64_t era = day / 146097;
  const int64_t day_of_era = day % 146097;
  const int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t month_from_march = (5 * day_of_year + 2) / 153;
  const int64_t month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
  const int64_t year = era * 400 + year_of_era + (month <= 2 ? 1 : 0);
  const int64_t second = seconds % 86400;
  return Format("%04d%02d%02d%02d%02d%02d", static_cast<int>(year), static_cast<int>(month),
                static_cast<int>(day_of_year - (153 * month_from_march + 2) / 5 + 1),
                static_cast<int>(second / 3600), static_cast<int>(second / 60 % 60),
                static_cast<int>(second % 60));
}

}  // namespace ocellus
