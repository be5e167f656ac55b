// SPDX-License-Identifier: Apache-2.0
// What a call that can fail returns: Status, or Result<T> with the value when it worked.
//
// The code says what kind of failure it is and the message what was wrong and where, for a person.
// Codecs on the packet path return a code without a message, so a hostile packet costs no
// allocation. Our own bugs are not errors: see check.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "firmware/base/check.h"

namespace ocellus {

enum class StatusCode : uint8_t {
  kOk,
  kInvalidArgument,     // A value is outside of what is allowed.
  kTruncated,           // Input ends before what it announced.
  kMalformed,           // Input breaks its own format.
  kUnsupported,         // Well-formed, but not something that we do.
  kNotFound,            // The named thing does not exist (any more).
  kAlreadyExists,       // The named thing exists already.
  kPermissionDenied,    // The caller may not do this.
  kFailedPrecondition,  // Right, but not in this state.
  kResourceExhausted,   // A limit is reached, or a buffer is too small.
  kUnavailable,         // May work later: a device or a network is away.
  kTimeout,             // Did not happen in time.
  kInternal,            // A library or the system failed in a way that we cannot name better.
};

const char* ToString(StatusCode code);

class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(StatusCode code) : code_(code) {}
  Status(StatusCode code, std::string message) : code_(code), message_(std::move(message)) {}

  bool ok() const { return code_ == StatusCode::kOk; }
  StatusCode code() const { return code_; }
  const std::string& message() const { return message_; }

  // "malformed: SDP line 7: ...", for logs and test failures.
  std::string ToString() const;

 private:
  StatusCode code_ = StatusCode::kOk;
  std::string message_;
};

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}
  Result(Status status) : status_(std::move(status)) {
    CHECK(!status_.ok(), "a Result without a value needs an error");
  }
  Result(StatusCode code) : Result(Status(code)) {}

  bool ok() const { return value_.has_value(); }
  const Status& status() const { return status_; }

  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(value()); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  T& value() {
    CHECK(ok(), "Result has no value: %s", status_.ToString().c_str());
    return *value_;
  }
  const T& value() const {
    CHECK(ok(), "Result has no value: %s", status_.ToString().c_str());
    return *value_;
  }

 private:
  std::optional<T> value_;
  Status status_;
};

// printf into a std::string: for Status messages and other text for people, never per packet.
std::string Format(const char* format, ...) __attribute__((format(printf, 1, 2)));

}  // namespace ocellus

// Returns from the enclosing function when the Status is an error.
#define RETURN_IF_ERROR(expression)                    \
  do {                                                 \
    ::ocellus::Status status_or_error = (expression);  \
    if (!status_or_error.ok()) return status_or_error; \
  } while (false)
