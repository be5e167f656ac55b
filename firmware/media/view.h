// SPDX-License-Identifier: Apache-2.0
// Which part of the camera's picture is shown: the digital pan, tilt and zoom.
#pragma once

namespace ocellus::media {

constexpr double kMaxDigitalZoom = 8;

// The centre is in parts of the whole picture as viewers see it, flipped and rotated: (0, 0) is the
// upper left corner, (1, 1) the lower right one. It is moved as far as the part needs to lie inside
// of the picture.
struct View {
  double zoom = 1;  // 1 (all of the picture) to kMaxDigitalZoom.
  double center_x = 0.5;
  double center_y = 0.5;

  friend bool operator==(const View& a, const View& b) {
    return a.zoom == b.zoom && a.center_x == b.center_x && a.center_y == b.center_y;
  }
  friend bool operator!=(const View& a, const View& b) { return !(a == b); }
};

}  // namespace ocellus::media
