// SPDX-License-Identifier: Apache-2.0
// A file of the viewer page, compiled into the program: web/CMakeLists.txt makes the table, the
// platform hands it to HttpFrontEnd.
#pragma once

#include "firmware/base/bytes.h"

namespace ocellus::signaling {

struct StaticPage {
  const char* path;          // "/", "/viewer.js".
  const char* content_type;  // "text/html; charset=utf-8".
  Bytes body;
};

}  // namespace ocellus::signaling
