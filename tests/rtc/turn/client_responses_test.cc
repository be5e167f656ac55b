// SPDX-License-Identifier: Apache-2.0
// What the client makes of errors, of stale nonces and of answers that somebody else has written.
#include "firmware/rtc/turn/client.h"
#include "tests/rtc/turn/scripted_server.h"

namespace ocellus::turn {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using stun::AttributeType;
using stun::ErrorCode;
using stun::Method;

class ClientResponses : public ScriptedServer {
 protected:
  // The client with an allocation has a Refresh on its way; returns that.
  Buffer StartRefresh() {
    Run(minutes(7), Silence);
    Buffer refresh;
    while (refresh.empty()) {
      now_ = client_->next_deadline();
      client_->HandleTimeout(now_);
      const Buffer sent = Poll();
      if (!sent.empty() && ParseOrDie(sent).method() == Method::kRefresh) refresh = sent;
    }
    return refresh;
  }

  // Answers every signed request with `code`.
  Server Refusing(unsigned code) {
    return [this, code](const stun::Message& request) {
      return request.has_integrity() ? Error(request, code) : Answer(request);
    };
  }
};

// Checklist 11. RFC 8656 sections 7.4 and 19: refused, in words for people.
TEST_F(ClientResponses, AllocationsThatAreRefusedSayWhy) {
  struct Case {
    unsigned error;
    StatusCode code;
    const char* text;
  };
  for (const Case& c :
       {Case{486, StatusCode::kResourceExhausted,
             "turn server refused: 486 Allocation Quota Reached"},
        Case{508, StatusCode::kResourceExhausted, "turn server refused: 508 Insufficient Capacity"},
        Case{441, StatusCode::kPermissionDenied, "turn server refused: 441 Wrong Credentials"},
        Case{403, StatusCode::kPermissionDenied, "turn server refused: 403 Forbidden"},
        Case{442, StatusCode::kUnsupported,
             "turn server refused: 442 Unsupported Transport Protocol"},
        Case{500, StatusCode::kUnavailable, "turn server refused: 500 Server Error"},
        Case{599, StatusCode::kInternal, "turn server refused: 599 "}}) {
    MakeClient();
    Exchange(Refusing(c.error));
    const auto failed = PollFailed();
    ASSERT_TRUE(failed) << c.error;
    EXPECT_EQ(failed->status.code(), c.code);
    EXPECT_EQ(failed->status.message(), c.text);
    EXPECT_EQ(failed->error, static_cast<ErrorCode>(c.error));
    EXPECT_EQ(client_->state(), Client::State::kFailed);
    EXPECT_EQ(client_->next_deadline(), kNever);
    EXPECT_TRUE(Poll().empty());
  }
}

// Checklist 11.
TEST_F(ClientResponses, AWrongPasswordIsSaidSo) {
  MakeClient();
  Exchange([this](const stun::Message& request) { return Challenge(request, 401); });
  EXPECT_EQ(PollFailed()->status.message(),
            "turn server refused: 401 Unauthenticated (user name or password are wrong)");
  EXPECT_EQ(sent_.size(), 2u);
}

TEST_F(ClientResponses, MissingCredentialsAreSaidSo) {
  MakeClient({TransportProtocol::kUdp, "", ""});
  Exchange();
  EXPECT_THAT(PollFailed()->status.message(), testing::HasSubstr("no user name and password"));
}

// Checklist 11. RFC 8489 section 9.2.5: "the client MUST retry the request, using the new NONCE".
TEST_F(ClientResponses, AStaleNonceIsReplaced) {
  Allocate();
  Send(kPeer);
  nonce_ = "second nonce";
  Run(seconds(26));
  EXPECT_EQ(SentOf(Method::kRefresh), 2u);
  EXPECT_EQ(client_->state(), Client::State::kAllocated);

  nonce_ = "third nonce";
  sent_.clear();
  EXPECT_TRUE(Send(At("198.51.100.77:1")));
  EXPECT_EQ(SentOf(Method::kCreatePermission), 2u);
}

// Checklist 11. Bounded: a server whose nonces are always stale is not asked for ever.
TEST_F(ClientResponses, NoncesThatAreAlwaysStaleEndTheAllocating) {
  MakeClient();
  unsigned count = 0;
  Exchange([&](const stun::Message& request) {
    nonce_ = "nonce " + std::to_string(++count);
    return Challenge(request, request.has_integrity() ? 438 : 401);
  });
  EXPECT_EQ(sent_.size(), kMaxChallenges + 1);
  EXPECT_THAT(PollFailed()->status.message(), testing::HasSubstr("438 Stale Nonce"));
}

// An allocation that lives is not ended by what cannot be signed.
TEST_F(ClientResponses, ForgedChallengesDoNotEndAnAllocation) {
  Allocate();
  const std::string nonce = nonce_;
  Buffer refresh = StartRefresh();
  for (const unsigned code : {401u, 438u}) {
    realm_ = "evil.org";
    Deliver(Challenge(ParseOrDie(refresh), code));
    realm_ = "example.org";
    Deliver(Error(ParseOrDie(refresh), code, Signed::kNo));
  }
  EXPECT_TRUE(Poll().empty()) << "they are not followed";
  EXPECT_EQ(client_->stats().dropped(Drop::kChallenge), 4u);

  // With our realm the nonce is tried: the server then gives its own.
  nonce_ = "forged";
  Deliver(Challenge(ParseOrDie(refresh), 438));
  nonce_ = nonce;
  Exchange();
  EXPECT_EQ(client_->state(), Client::State::kAllocated);
  EXPECT_FALSE(client_->PollEvent());
  Run(minutes(30));
  EXPECT_EQ(client_->state(), Client::State::kAllocated);
}

// Somebody who reads along and is always quicker delays a Refresh, no more; then it is gone.
TEST_F(ClientResponses, AForgerOfEveryChallengeIsOutlived) {
  Allocate();
  Run(minutes(9), [this](const stun::Message& request) {
    const std::string nonce = std::exchange(nonce_, "forged");
    const Buffer forged = Challenge(request, 438);
    nonce_ = nonce;
    return request.method() == Method::kRefresh ? forged : Buffer();
  });
  EXPECT_EQ(client_->state(), Client::State::kAllocated);
  EXPECT_LT(SentOf(Method::kRefresh), 9u * 60 / 5 * (kMaxChallenges + 1));
  Run(minutes(20));
  EXPECT_EQ(client_->state(), Client::State::kAllocated);
}

// RFC 8489 section 9.2.5: over UDP they "MUST be discarded, as if [they] had never been received".
TEST_F(ClientResponses, UnsignedAnswersAreDiscardedOverUdp) {
  MakeClient();
  const Buffer first = Poll();
  Deliver(Challenge(ParseOrDie(first), 401));
  const Buffer request = Poll();
  for (const Signed sign : {Signed::kNo, Signed::kWrongly}) {
    Deliver(Success(ParseOrDie(request), sign));
    Deliver(Error(ParseOrDie(request), 486, sign));
  }
  EXPECT_EQ(client_->state(), Client::State::kAllocating);
  EXPECT_EQ(client_->stats().dropped(Drop::kIntegrity), 4u);
  Deliver(Success(ParseOrDie(request)));
  EXPECT_EQ(client_->state(), Client::State::kAllocated);
}

// RFC 8489 section 9.2.5: "instead of signaling a timeout [...] the layer MUST signal that the
// integrity protection was violated".
TEST_F(ClientResponses, ForgedAnswersOnlyAreSaidSo) {
  MakeClient();
  Run(minutes(1), [this](const stun::Message& request) {
    return request.has_integrity() ? Success(request, Signed::kWrongly) : Answer(request);
  });
  EXPECT_EQ(PollFailed()->status.code(), StatusCode::kPermissionDenied);
}

// RFC 8489 section 9.2.5: over a stream the transaction ends at once.
TEST_F(ClientResponses, AnUnsignedAnswerEndsTheRequestOverAStream) {
  MakeClient({TransportProtocol::kTcp, "user", "pass"});
  Exchange([this](const stun::Message& request) {
    return request.has_integrity() ? Success(request, Signed::kWrongly) : Answer(request);
  });
  EXPECT_EQ(PollFailed()->status.code(), StatusCode::kPermissionDenied);

  Allocate({TransportProtocol::kTcp, "user", "pass"});
  const Buffer refresh = StartRefresh();
  Deliver(Success(ParseOrDie(refresh), Signed::kWrongly));
  EXPECT_EQ(client_->state(), Client::State::kAllocated) << "there is time for another";
  Run(minutes(30));
  EXPECT_EQ(client_->state(), Client::State::kAllocated);
}

// Checklist 4.
TEST_F(ClientResponses, AnswersToWhatWasNotAskedAreIgnored) {
  Allocate();
  const Buffer refresh = StartRefresh();
  Buffer other = refresh;
  other[15] = static_cast<uint8_t>(other[15] ^ 1);
  Deliver(Error(ParseOrDie(other), 437));
  Buffer other_method = refresh;
  other_method[1] = 0x08;
  Deliver(Error(ParseOrDie(other_method), 437));
  EXPECT_EQ(client_->stats().dropped(Drop::kUnknownTransaction), 2u);
  Deliver(Success(ParseOrDie(refresh)));
  Deliver(Error(ParseOrDie(refresh), 437));
  EXPECT_EQ(client_->stats().dropped(Drop::kUnknownTransaction), 3u) << "once only";
  EXPECT_EQ(client_->state(), Client::State::kAllocated);
}

// Checklist 11. RFC 8656 section 8: 437 says that there is no allocation.
TEST_F(ClientResponses, ALostAllocationIsSaidSo) {
  for (const unsigned code : {437u, 441u}) {
    Allocate();
    Run(minutes(8), [&](const stun::Message& request) {
      return request.method() == Method::kRefresh ? Error(request, code) : Answer(request);
    });
    const auto failed = PollFailed();
    ASSERT_TRUE(failed) << code;
    EXPECT_EQ(failed->error, static_cast<ErrorCode>(code));
    EXPECT_THAT(failed->status.message(), testing::HasSubstr("the allocation is gone"));
    EXPECT_FALSE(Wrap(kPeer));
  }
}

TEST_F(ClientResponses, ARefreshThatFailsIsTriedAgain) {
  Allocate();
  unsigned refused = 0;
  Run(minutes(1), [&](const stun::Message& request) {
    if (request.method() == Method::kRefresh && ++refused <= 5) return Error(request, 500);
    return Answer(request);
  });
  EXPECT_GE(refused, 6u);
  EXPECT_EQ(client_->state(), Client::State::kAllocated);
}

TEST_F(ClientResponses, RefreshesThatAllFailEndTheAllocationWhenItExpires) {
  Allocate();
  Run(minutes(11), Refusing(500));
  EXPECT_LE(SentOf(Method::kRefresh), 10u * 60 / 5);
  EXPECT_EQ(PollFailed()->status.message(),
            "turn allocation has expired: turn server refused: 500 Server Error");
}

// RFC 8656 section 7.4: 420 and 440 because of ADDITIONAL-ADDRESS-FAMILY.
TEST_F(ClientResponses, ServersWithoutIpv6AreAskedForIpv4) {
  for (const unsigned code : {420u, 440u}) {
    MakeClient();
    sent_.clear();
    Exchange([&](const stun::Message& request) {
      if (request.has_integrity() && request.Has(AttributeType::kAdditionalAddressFamily)) {
        return Error(request, code);
      }
      return Answer(request);
    });
    EXPECT_EQ(client_->state(), Client::State::kAllocated) << code;
    EXPECT_FALSE(ParseOrDie(sent_.back()).Has(AttributeType::kRequestedAddressFamily));
  }
}

TEST_F(ClientResponses, ServersWithoutIpv4AreAskedForIpv6) {
  relayed_ = {At("[2001:db8::50]:50001")};
  MakeClient();
  Exchange([&](const stun::Message& request) {
    if (request.has_integrity() && !request.Has(AttributeType::kRequestedAddressFamily)) {
      return Error(request, 440);
    }
    return Answer(request);
  });
  EXPECT_EQ(client_->state(), Client::State::kAllocated);
}

TEST_F(ClientResponses, ServersWithNeitherFamilyAreGivenUp) {
  MakeClient();
  Exchange(Refusing(440));
  EXPECT_EQ(PollFailed()->error, ErrorCode::kAddressFamilyNotSupported);
  EXPECT_EQ(sent_.size(), 4u);
  MakeClient();
  sent_.clear();
  Exchange(Refusing(420));
  EXPECT_EQ(PollFailed()->error, ErrorCode::kUnknownAttribute);
  EXPECT_EQ(sent_.size(), 3u);
}

// Checklist 11. Our port is the same after a restart, and its former allocation lives on.
TEST_F(ClientResponses, AFormerAllocationOfOurPortIsFreed) {
  bool is_there = true;
  MakeClient();
  Exchange([&](const stun::Message& request) {
    if (!request.has_integrity()) return Answer(request);
    if (request.method() == Method::kRefresh) {
      EXPECT_EQ(request.FindU32(AttributeType::kLifetime), 0u);
      is_there = false;
    }
    return is_there ? Error(request, 437) : Answer(request);
  });
  EXPECT_EQ(client_->state(), Client::State::kAllocated);
}

// Checklist 11. RFC 8656 section 7.4.
TEST_F(ClientResponses, AnAllocationThatIsInTheWayIsSaidSo) {
  MakeClient();
  Exchange(Refusing(437));
  EXPECT_EQ(PollFailed()->status.message(),
            "turn server refused: 437 Allocation Mismatch (our port has an allocation there "
            "already)");
  EXPECT_LE(sent_.size(), 6u);

  MakeClient();
  Exchange([&](const stun::Message& request) {
    if (!request.has_integrity()) return Answer(request);
    return Error(request, request.method() == Method::kRefresh ? 441 : 437);
  });
  EXPECT_THAT(PollFailed()->status.message(), testing::HasSubstr("another user's allocation"));
}

// RFC 8489 section 10.
TEST_F(ClientResponses, AnotherServerIsNamed) {
  MakeClient();
  Exchange([&](const stun::Message& request) {
    return Error(request, 300, Signed::kNo, [](stun::MessageWriter& writer) {
      writer.AddAddress(AttributeType::kAlternateServer, At("192.0.2.99:3478"));
    });
  });
  const auto failed = PollFailed();
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->alternate_server, At("192.0.2.99:3478"));
  EXPECT_EQ(failed->status.message(),
            "turn server refused: 300 Try Alternate (it names 192.0.2.99:3478)");
}

TEST_F(ClientResponses, AllocationsWithoutAnAddressAreRefused) {
  relayed_.clear();
  MakeClient();
  Exchange();
  EXPECT_EQ(PollFailed()->status.code(), StatusCode::kMalformed);
}

// RFC 8489 section 6.3.3.
TEST_F(ClientResponses, AttributesThatWouldHaveToBeUnderstoodEndTheRequest) {
  MakeClient();
  Exchange([&](const stun::Message& request) {
    if (!request.has_integrity()) return Answer(request);
    return Write(request, stun::MessageClass::kSuccess, Signed::kYes,
                 [&](stun::MessageWriter& writer) {
                   writer.AddXorAddress(AttributeType::kXorRelayedAddress, relayed_[0]);
                   writer.AddU32(static_cast<AttributeType>(0x7777), 1);
                 });
  });
  EXPECT_EQ(PollFailed()->status.code(), StatusCode::kUnsupported);
}

// RFC 8656 section 10: 403 is the peer's, not the allocation's.
TEST_F(ClientResponses, AForbiddenPeerIsUnreachableAndNoMore) {
  Allocate();
  const SocketAddress forbidden = At("10.0.0.1:5000");
  for (const SocketAddress& peer : {kPeer, forbidden}) client_->Prepare(now_, peer);
  Exchange([&](const stun::Message& request) {
    for (const stun::Attribute attribute : request) {
      if (attribute.type == AttributeType::kXorPeerAddress &&
          request.ReadXorAddress(attribute.value)->ip == forbidden.ip) {
        return Error(request, 403);
      }
    }
    return Answer(request);
  });
  EXPECT_TRUE(Wrap(kPeer));
  EXPECT_FALSE(Wrap(forbidden));
  EXPECT_FALSE(client_->Prepare(now_, forbidden));
  EXPECT_EQ(client_->stats().peers_refused, 1u);
  EXPECT_EQ(client_->state(), Client::State::kAllocated);
  EXPECT_EQ(SentOf(Method::kCreatePermission), 3u) << "together, then each alone";
}

TEST_F(ClientResponses, APeerGoesWithoutAChannelThatIsRefused) {
  for (const unsigned code : {400u, 403u, 508u}) {
    Allocate();
    for (int i = 0; i < 50; ++i) {
      if (client_->Prepare(now_, kPeer)) {
        Exchange([&](const stun::Message& request) {
          return request.method() == Method::kChannelBind ? Error(request, code) : Answer(request);
        });
      }
      EXPECT_EQ(Wrap(kPeer)->at(0), 0x00) << "a Send indication";
    }
    EXPECT_EQ(SentOf(Method::kChannelBind), 1u);
  }
}

// An allocation that is gone shows with whatever is asked next.
TEST_F(ClientResponses, AnAllocationThatIsGoneShowsWithAPermission) {
  Allocate();
  client_->Prepare(now_, kPeer);
  Exchange(Refusing(437));
  EXPECT_EQ(PollFailed()->error, ErrorCode::kAllocationMismatch);
}

}  // namespace
}  // namespace ocellus::turn
