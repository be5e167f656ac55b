// SPDX-License-Identifier: Apache-2.0
// A Sender and a Receiver with a simulated path between them, in virtual time, and a video of
// constant rate on the same path if wanted. Everything follows from the seed.
#pragma once

#include <map>
#include <queue>
#include <vector>

#include "firmware/rtc/sctp/receiver.h"
#include "firmware/rtc/sctp/sender.h"
#include "tests/sim/link.h"

namespace ocellus::sctp {

struct WorldOptions {
  sim::LinkConditions there;
  sim::LinkConditions back;
  uint64_t seed = 1;
  bool interleaving = false;
  bool forward_tsn = true;
  size_t receive_buffer = kMaxSctpReceiveBuffer;
  DataRate video;               // 30 pictures a second, each in a burst. 0: none.
  Tsn initial_tsn{0xfffffff0};  // Wraps soon.
};

// The same conditions both ways; loss too.
WorldOptions Symmetric(Duration round_trip, DataRate rate, double loss);

class SenderWorld {
 public:
  static constexpr size_t kMaxPacket = 1120;

  explicit SenderWorld(const WorldOptions& options);

  Sender& sender() { return sender_; }
  Receiver& receiver() { return receiver_; }
  sim::Link& there() { return there_; }
  sim::Link& back() { return back_; }
  Time now() const { return now_; }

  Status Send(StreamId stream, size_t size, const SendOptions& options = {});
  // Keeps `bytes` of the stream waiting, in messages of `message_size`.
  void KeepFull(StreamId stream, size_t message_size, size_t bytes = 256 * 1024);
  void StopFilling() { feeds_.clear(); }
  // The application at the other end takes no messages any more.
  void StopReading() { reading_ = false; }
  void StartReading() { reading_ = true; }

  void Run(Duration duration);
  // Until the sender has nothing left. False when that takes longer than `most`.
  bool RunUntilDrained(Duration most);

  const std::vector<ReceivedMessage>& received() const { return received_; }
  uint64_t received_bytes() const { return received_bytes_; }
  uint64_t received_bytes(StreamId stream) { return by_stream_[stream.value()]; }
  void ResetCounters();

  // How long each of our packets stood in the queue of the way there.
  const std::vector<Duration>& queueing() const { return queueing_; }
  // How much longer each packet of the video stood there than it would have without ours. Lost ones
  // are left out: they make no queue, with us or without.
  const std::vector<Duration>& added_to_video() const { return added_to_video_; }
  uint64_t packets_sent() const { return packets_sent_; }
  uint64_t sacks_sent() const { return sacks_sent_; }

 private:
  struct Arrival {
    Time at;
    uint64_t number;  // Of two at once, the one that left first.
    bool to_receiver;
    std::vector<uint8_t> packet;
    bool operator>(const Arrival& other) const {
      return at != other.at ? at > other.at : number > other.number;
    }
  };
  struct Feed {
    StreamId stream;
    size_t message_size;
    size_t bytes;
  };

  Time NextEvent() const;
  void Step();
  void Fill();
  void SendPackets();
  void SendSack();
  void SendPicture();
  void Carry(sim::Link& link, bool to_receiver, Bytes packet);
  void Deliver(const Arrival& arrival);
  void Read();

  const WorldOptions options_;
  Sender sender_;
  Receiver receiver_;
  sim::Link there_;
  sim::Link back_;
  sim::Link there_without_us_;  // For what has arrived of the video.
  Time now_{};
  std::priority_queue<Arrival, std::vector<Arrival>, std::greater<>> arrivals_;
  uint64_t arrivals_made_ = 0;
  std::vector<Feed> feeds_;
  bool reading_ = true;
  Time next_picture_ = kNever;

  std::vector<ReceivedMessage> received_;
  uint64_t received_bytes_ = 0;
  std::map<uint16_t, uint64_t> by_stream_;
  std::vector<Duration> queueing_;
  std::vector<Duration> added_to_video_;
  uint64_t packets_sent_ = 0;
  uint64_t sacks_sent_ = 0;
};

// The value that `percent` of them do not exceed. Not empty.
Duration Percentile(std::vector<Duration> values, int percent);

}  // namespace ocellus::sctp
