// SPDX-License-Identifier: Apache-2.0
// The numbers of errors on the wire, in JSON-RPC and in file transfers alike (JSON-RPC 2.0 section
// 5.1: -32000 to -32099 are "Reserved for implementation-defined server-errors").
#pragma once

#include "firmware/base/status.h"

namespace ocellus::control {

// JSON-RPC's own.
constexpr int kParseError = -32700;
constexpr int kInvalidRequest = -32600;
constexpr int kMethodNotFound = -32601;
constexpr int kInvalidParams = -32602;
constexpr int kInternalError = -32603;

// Ours.
constexpr int kPermissionDenied = -32001;
constexpr int kNotFound = -32002;
constexpr int kUnavailable = -32003;
constexpr int kFailedPrecondition = -32004;
constexpr int kResourceExhausted = -32005;
constexpr int kTimeout = -32006;
constexpr int kUnsupported = -32007;
constexpr int kAlreadyExists = -32008;

// The number of a Status that is an error.
constexpr int ErrorCode(StatusCode code) {
  switch (code) {
    case StatusCode::kInvalidArgument:
    case StatusCode::kTruncated:
    case StatusCode::kMalformed:
      return kInvalidParams;
    case StatusCode::kUnsupported:
      return kUnsupported;
    case StatusCode::kNotFound:
      return kNotFound;
    case StatusCode::kAlreadyExists:
      return kAlreadyExists;
    case StatusCode::kPermissionDenied:
      return kPermissionDenied;
    case StatusCode::kFailedPrecondition:
      return kFailedPrecondition;
    case StatusCode::kResourceExhausted:
      return kResourceExhausted;
    case StatusCode::kUnavailable:
      return kUnavailable;
    case StatusCode::kTimeout:
      return kTimeout;
    case StatusCode::kOk:
    case StatusCode::kInternal:
      return kInternalError;
  }
  return kInternalError;
}

}  // namespace ocellus::control
