// SPDX-License-Identifier: Apache-2.0
// What connects to what: every kind of NAT on the camera's side with every kind on the viewer's, by
// agents and gatherers alone, with delays, jitter, loss and timing of many seeds.
#include "tests/scenario/nat_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

#include "firmware/base/text.h"
#include "tests/sim/nat_call.h"

namespace ocellus::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr uint64_t kSeeds = 1000;

// Both behind one NAT: what stands there, whether it hairpins, and what comes of it.
struct SharedRow {
  const char* name;
  NatWorld::Shared::Kind kind;
  NatOptions (*nat)();
  NatOptions::Hairpinning hairpinning;
  char outcome;
};
using Kind = NatWorld::Shared::Kind;
constexpr auto kOff = NatOptions::Hairpinning::kOff;
constexpr auto kOn = NatOptions::Hairpinning::kOn;
constexpr SharedRow kSharedTable[] = {
    {"one home", Kind::kHome, PortRestrictedCone, kOff, 'D'},
    {"one home, hairpinning", Kind::kHome, PortRestrictedCone, kOn, 'D'},
    {"one home, symmetric", Kind::kHome, Symmetric, kOff, 'D'},
    {"one home with isolated hosts", Kind::kIsolatedHome, PortRestrictedCone, kOff, 'R'},
    {"one home with isolated hosts, hairpinning", Kind::kIsolatedHome, PortRestrictedCone, kOn,
     'D'},
    {"one carrier", Kind::kCarrier, PortRestrictedCone, kOff, 'R'},
    {"one carrier, hairpinning", Kind::kCarrier, PortRestrictedCone, kOn, 'D'},
    {"one symmetric carrier, hairpinning", Kind::kCarrier, Symmetric, kOn, 'R'},
};

// Who knows which servers: the columns of the table in docs/network.md.
struct Column {
  const char* name;
  Servers camera;
  Servers viewer;
};
constexpr Column kStunOnly = {"StunOnly", Servers::kStun, Servers::kStun};
constexpr Column kCameraTurn = {"CameraTurn", Servers::kStunAndTurn, Servers::kStun};
constexpr Column kBothTurn = {"BothTurn", Servers::kStunAndTurn, Servers::kStunAndTurn};

bool IsHopeless(char outcome, const Column& column) {
  const bool has_turn =
      column.camera == Servers::kStunAndTurn || column.viewer == Servers::kStunAndTurn;
  return outcome == 'N' || (outcome == 'R' && !has_turn);
}

struct Weather {
  explicit Weather(uint64_t seed) {
    SeededRandom random(seed * 7919);
    conditions.delay = milliseconds(2 + random.Below(100));
    conditions.jitter = milliseconds(random.Below(20));
    conditions.loss = random.Fraction() * 0.03;
    signaling_delay = milliseconds(5 + random.Below(200));
  }
  LinkConditions conditions;
  Duration signaling_delay;
};

// How long after the answer both were on the path that they should be on, of all seeds.
class Times {
 public:
  void Add(Duration taken) { taken_.push_back(taken); }
  Duration Percentile(size_t percent) {
    std::sort(taken_.begin(), taken_.end());
    return taken_[std::min(taken_.size() * percent / 100, taken_.size() - 1)];
  }

 private:
  std::vector<Duration> taken_;
};

// One call. Empty when it went as the table says, else what was wrong.
std::string Play(NatWorld& world, const Column& column, const Weather& weather, char outcome,
                 Times& times) {
  AgentCall call(world, {column.camera, column.viewer, weather.signaling_delay});
  call.Signal();
  Network& network = world.network();
  const Time answered_at = network.now();
  if (IsHopeless(outcome, column)) {
    network.RunUntilTrue([&] { return call.is_connected(); }, seconds(60));
    if (call.camera.agent().path() || call.viewer.agent().path()) return "connected";
    return call.camera.failure() && call.viewer.failure() ? "" : "neither connected nor failed";
  }
  const bool relayed = outcome == 'R';
  if (!network.RunUntilTrue([&] { return call.IsOn(relayed); }, seconds(30))) {
    if (!call.is_connected()) return "not connected";
    return relayed ? "connected, but not through the relay" : "relayed";
  }
  times.Add(network.now() - answered_at);
  call.camera.StartMedia(network.now(), milliseconds(20), 1000);
  call.viewer.StartMedia(network.now(), milliseconds(20), 100);
  const bool heard = network.RunUntilTrue(
      [&] { return !call.camera.media().empty() && !call.viewer.media().empty(); }, seconds(2));
  return heard ? "" : "no media";
}

// Each cell's failures are one line with the first seed.
class NatTable : public testing::TestWithParam<Column> {
 protected:
  template <typename MakeWorld>
  void Check(const std::string& name, char outcome, MakeWorld make_world) {
    const Column& column = GetParam();
    // Hopeless calls take a minute each until they give up: fewer will do.
    const bool hopeless = IsHopeless(outcome, column);
    Times times;
    uint64_t failures = 0;
    std::string first;
    for (uint64_t seed = 1; seed <= (hopeless ? (kSeeds + 9) / 10 : kSeeds); ++seed) {
      const Weather weather(seed);
      const auto world = make_world(seed, weather.conditions);
      const std::string wrong = Play(*world, column, weather, outcome, times);
      if (wrong.empty()) continue;
      if (failures++ == 0) first = wrong + " with seed " + std::to_string(seed);
    }
    EXPECT_EQ(failures, 0u) << name << ", " << column.name << ": " << first;
    if (hopeless || failures > 0) return;
    EXPECT_LE(times.Percentile(50), milliseconds(1500)) << name;
    EXPECT_LE(times.Percentile(99), seconds(6)) << name;
  }
};

TEST_P(NatTable, ConnectsEveryKindWithEveryKind) {
  for (const NatRow& row : kNatTable) {
    for (const Behind viewer : kNatViewers) {
      const std::string name = std::string(Name(row.camera)) + " with " + Name(viewer);
      Check(name, OutcomeOf(row, viewer), [&](uint64_t seed, const LinkConditions& conditions) {
        return std::make_unique<NatWorld>(seed, conditions, row.camera, viewer);
      });
    }
  }
}

TEST_P(NatTable, ConnectsNeighboursBehindOneNat) {
  for (const SharedRow& row : kSharedTable) {
    NatWorld::Shared shared{row.kind, row.nat()};
    shared.nat.hairpinning = row.hairpinning;
    Check(row.name, row.outcome, [&](uint64_t seed, const LinkConditions& conditions) {
      return std::make_unique<NatWorld>(seed, conditions, shared);
    });
  }
}

// docs/network.md has the same table, in words.
TEST(NatTableInTheDocs, IsTheOneThatIsTested) {
  std::ifstream docs("docs/network.md");
  std::string line;
  while (std::getline(docs, line) && line.find("| camera \\ viewer |") != 0) {
  }
  std::getline(docs, line);  // The rule below the head.
  for (const NatRow& row : kNatTable) {
    std::getline(docs, line);
    std::string outcomes;
    size_t begin = line.find('|', 1);
    while (begin + 1 < line.size()) {
      const size_t end = std::min(line.find('|', begin + 1), line.size());
      const std::string cell(Trim(std::string_view(line).substr(begin + 1, end - begin - 1)));
      outcomes += outcomes.empty() ? "" : "  ";
      outcomes += cell == "direct" ? 'D' : cell == "relay" ? 'R' : cell == "TCP" ? 'N' : '?';
      begin = end;
    }
    EXPECT_EQ(outcomes, row.viewers) << line;
  }
}

std::string NameOf(const testing::TestParamInfo<Column>& info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(, NatTable, testing::Values(kStunOnly, kCameraTurn, kBothTurn), NameOf);

}  // namespace
}  // namespace ocellus::sim
