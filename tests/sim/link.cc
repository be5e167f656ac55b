// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/link.h"

#include <algorithm>

namespace ocellus::sim {
namespace {

// Bytes of IPv4 and UDP headers that a datagram carries on the wire.
constexpr size_t kHeaderSize = 28;

}  // namespace

bool Link::Lost() {
  if (conditions_.burst_begin > 0) {
    const double change = in_burst_ ? conditions_.burst_end : conditions_.burst_begin;
    if (random_.Fraction() < change) in_burst_ = !in_burst_;
  } else {
    in_burst_ = false;
  }
  return conditions_.down || in_burst_ || random_.Fraction() < conditions_.loss;
}

std::vector<Time> Link::Carry(Time now, size_t size) {
  ++stats_.sent;
  if (Lost()) {
    ++stats_.lost;
    return {};
  }
  Time departure = now;
  if (DataRate() < conditions_.rate) {
    departure = std::max(now, transmitter_free_);
    if (departure - now > conditions_.queue_limit) {
      ++stats_.dropped;
      return {};
    }
    const auto bits = static_cast<int64_t>(size + kHeaderSize) * 8;
    departure += Duration(bits * 1'000'000 / conditions_.rate.bits_per_second());
    transmitter_free_ = departure;
  }
  Time arrival = departure + conditions_.delay +
                 Duration(static_cast<int64_t>(random_.Fraction() *
                                               static_cast<double>(conditions_.jitter.count())));
  if (random_.Fraction() < conditions_.reorder) {
    arrival += conditions_.reorder_delay;
  } else {
    arrival = std::max(arrival, last_arrival_);
    last_arrival_ = arrival;
  }
  std::vector<Time> arrivals = {arrival};
  if (random_.Fraction() < conditions_.duplicate) arrivals.push_back(arrival + Duration(500));
  return arrivals;
}

}  // namespace ocellus::sim
