// SPDX-License-Identifier: Apache-2.0
// The viewer page and its files, as they stand in this folder; embed.cmake puts them into the
// program.
#pragma once

#include "firmware/base/bytes.h"
#include "firmware/signaling/static_page.h"

namespace ocellus::web {

// For signaling::HttpFrontEnd. The bytes live as long as the program.
Span<const signaling::StaticPage> Pages();

}  // namespace ocellus::web
