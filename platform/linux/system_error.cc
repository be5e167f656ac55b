// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/system_error.h"

#include <cerrno>
#include <system_error>

namespace ocellus::linux_platform {
namespace {

StatusCode CodeOf(int error) {
  switch (error) {
    case EACCES:
    case EPERM:
    case EROFS:
      return StatusCode::kPermissionDenied;
    case ENOENT:
    case ENOTDIR:
    case ENODEV:
      return StatusCode::kNotFound;
    case EEXIST:
    case EADDRINUSE:
      return StatusCode::kAlreadyExists;
    case EINVAL:
      return StatusCode::kInvalidArgument;
    case EAFNOSUPPORT:
    case ENOSYS:
    case EOPNOTSUPP:
      return StatusCode::kUnsupported;
    case EADDRNOTAVAIL:
    case ECONNABORTED:
    case ECONNREFUSED:
    case ECONNRESET:
    case EHOSTUNREACH:
    case ENETDOWN:
    case ENETUNREACH:
    case EPIPE:
      return StatusCode::kUnavailable;
    case ETIMEDOUT:
      return StatusCode::kTimeout;
    case EDQUOT:
    case EFBIG:
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
    case ENOSPC:
      return StatusCode::kResourceExhausted;
    default:
      return StatusCode::kInternal;
  }
}

}  // namespace

Status SystemError(int error, const std::string& what) {
  return Status(CodeOf(error), what + ": " + std::generic_category().message(error));
}

}  // namespace ocellus::linux_platform
