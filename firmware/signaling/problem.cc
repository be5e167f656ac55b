// SPDX-License-Identifier: Apache-2.0
#include "firmware/signaling/problem.h"

#include "firmware/json/json.h"
#include "hal/http_status.h"

namespace ocellus::signaling {

hal::HttpResponse Problem(int status, std::string_view detail) {
  json::Value json = json::Value::Object();
  // RFC 9457 section 4.2.1: with the type "about:blank", which is the default, the title "SHOULD be
  // the same as the recommended HTTP status phrase for that code".
  json.Set("title", hal::HttpReasonPhrase(status)).Set("status", status).Set("detail", detail);
  hal::HttpResponse response;
  response.status = status;
  response.headers = {{"Content-Type", "application/problem+json"}};
  response.body = json.Write();
  return response;
}

}  // namespace ocellus::signaling
