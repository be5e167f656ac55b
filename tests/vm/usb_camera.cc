// SPDX-License-Identifier: Apache-2.0
// A USB webcam made of software: `usb_camera WIDTH HEIGHT RATE` plugs it in, and killing it unplugs
// it. It gives MJPEG and H.264, one size and one rate of each (USB Video Class 1.1, bulk transfer).
//
// The kernel's raw_gadget lets it answer the control requests of a USB host itself, and dummy_hcd
// is that host's controller, so everything from uvcvideo upwards is what a real camera meets. Runs
// as root, with both modules loaded.
#include <errno.h>
#include <fcntl.h>
#include <linux/usb/ch9.h>
#include <linux/usb/raw_gadget.h>
#include <pthread.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "tests/vm/usb_camera_pictures.h"

namespace ocellus::vm {
namespace {

// The highest bulk transfer that we announce: a picture must fit, with its header.
constexpr size_t kMaxTransfer = 128 * 1024;
constexpr size_t kPayloadHeaderSize = 2;
constexpr uint16_t kBulkPacketSize = 512;
constexpr uint8_t kVideoEndpoint = 0x81;
constexpr uint8_t kStreamingInterface = 1;
constexpr uint32_t kClockHz = 48'000'000;

// USB Video Class 1.1, appendix A.
constexpr uint8_t kClassSpecific = 0x24;
constexpr uint8_t kVideoClass = 0x0e;
constexpr uint8_t kSetCurrent = 0x01;
constexpr uint8_t kGetLength = 0x85;
constexpr uint8_t kGetInfo = 0x86;
constexpr uint8_t kProbe = 1;
constexpr uint8_t kCommit = 2;
constexpr size_t kProbeSize = 34;  // Of version 1.1.

// The format indices of our descriptors.
constexpr uint8_t kFormatMjpeg = 1;
constexpr uint8_t kFormatH264 = 2;

// Little-endian fields, one behind the other.
class Fields {
 public:
  Fields& U8(unsigned value) { return Append(value, 1); }
  Fields& U16(unsigned value) { return Append(value, 2); }
  Fields& U32(uint64_t value) { return Append(value, 4); }
  Fields& Raw(const std::vector<uint8_t>& bytes) {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    return *this;
  }
  const std::vector<uint8_t>& bytes() const { return bytes_; }

 private:
  Fields& Append(uint64_t value, int size) {
    for (int i = 0; i < size; ++i) bytes_.push_back(static_cast<uint8_t>(value >> 8 * i));
    return *this;
  }
  std::vector<uint8_t> bytes_;
};

// A descriptor: its length and type, then `fields`.
std::vector<uint8_t> Descriptor(uint8_t type, const Fields& fields) {
  return Fields()
      .U8(static_cast<unsigned>(fields.bytes().size() + 2))
      .U8(type)
      .Raw(fields.bytes())
      .bytes();
}

struct CameraMode {
  unsigned width = 0;
  unsigned height = 0;
  unsigned rate = 0;

  uint64_t interval() const { return 10'000'000 / rate; }  // In units of 100 ns.
  uint64_t bits_per_second() const { return uint64_t{16} * width * height * rate; }
};

std::vector<uint8_t> DeviceDescriptor() {
  constexpr unsigned kMultiFunctionClass = 0xef;
  return Descriptor(USB_DT_DEVICE, Fields()
                                       .U16(0x0200)              // USB 2.0
                                       .U8(kMultiFunctionClass)  // Interfaces are grouped.
                                       .U8(2)
                                       .U8(1)
                                       .U8(64)       // Largest packet of endpoint 0.
                                       .U16(0x1d6b)  // Linux Foundation,
                                       .U16(0x0105)  // a test device.
                                       .U16(0x0100)
                                       .U8(1)    // Strings: manufacturer,
                                       .U8(2)    // product,
                                       .U8(0)    // no serial number.
                                       .U8(1));  // Configurations.
}

// The chain of a camera: sensor (terminal 1) -> USB (terminal 2).
std::vector<uint8_t> ControlInterface() {
  const std::vector<uint8_t> sensor =
      Descriptor(kClassSpecific,
                 Fields().U8(2).U8(1).U16(0x0201).U8(0).U8(0).U16(0).U16(0).U16(0).U8(2).U16(0));
  const std::vector<uint8_t> output =
      Descriptor(kClassSpecific, Fields().U8(3).U8(2).U16(0x0101).U8(0).U8(1).U8(0));
  constexpr size_t kHeaderSize = 13;
  const std::vector<uint8_t> header = Descriptor(
      kClassSpecific, Fields()
                          .U8(1)
                          .U16(0x0110)
                          .U16(static_cast<unsigned>(kHeaderSize + sensor.size() + output.size()))
                          .U32(kClockHz)
                          .U8(1)
                          .U8(kStreamingInterface));
  return Fields()
      .Raw(Descriptor(USB_DT_INTERFACE,
                      Fields().U8(0).U8(0).U8(0).U8(kVideoClass).U8(1).U8(0).U8(0)))
      .Raw(header)
      .Raw(sensor)
      .Raw(output)
      .bytes();
}

std::vector<uint8_t> MjpegFormat(const CameraMode& mode) {
  const Fields format = Fields().U8(6).U8(kFormatMjpeg).U8(1).U8(0).U8(1).U8(0).U8(0).U8(0).U8(0);
  const Fields frame = Fields()
                           .U8(7)
                           .U8(1)
                           .U8(0)
                           .U16(mode.width)
                           .U16(mode.height)
                           .U32(mode.bits_per_second())
                           .U32(mode.bits_per_second())
                           .U32(kMaxTransfer)
                           .U32(mode.interval())
                           .U8(1)
                           .U32(mode.interval());
  return Fields()
      .Raw(Descriptor(kClassSpecific, format))
      .Raw(Descriptor(kClassSpecific, frame))
      .bytes();
}

std::vector<uint8_t> H264Format(const CameraMode& mode) {
  // "Frame based" format with the identifier that Microsoft gave to H.264.
  const std::vector<uint8_t> guid{'H',  '2',  '6',  '4',  0x00, 0x00, 0x10, 0x00,
                                  0x80, 0x00, 0x00, 0xaa, 0x00, 0x38, 0x9b, 0x71};
  const Fields format =
      Fields().U8(0x10).U8(kFormatH264).U8(1).Raw(guid).U8(16).U8(1).U8(0).U8(0).U8(0).U8(0).U8(1);
  const Fields frame = Fields()
                           .U8(0x11)
                           .U8(1)
                           .U8(0)
                           .U16(mode.width)
                           .U16(mode.height)
                           .U32(mode.bits_per_second())
                           .U32(mode.bits_per_second())
                           .U32(mode.interval())
                           .U8(1)
                           .U32(0)
                           .U32(mode.interval());
  return Fields()
      .Raw(Descriptor(kClassSpecific, format))
      .Raw(Descriptor(kClassSpecific, frame))
      .bytes();
}

std::vector<uint8_t> StreamingInterface(const CameraMode& mode) {
  const std::vector<uint8_t> colors =
      Descriptor(kClassSpecific, Fields().U8(0x0d).U8(1).U8(1).U8(4));
  const std::vector<uint8_t> formats =
      Fields().Raw(MjpegFormat(mode)).Raw(H264Format(mode)).Raw(colors).bytes();
  constexpr size_t kHeaderSize = 15;
  const std::vector<uint8_t> header =
      Descriptor(kClassSpecific, Fields()
                                     .U8(1)
                                     .U8(2)  // Formats.
                                     .U16(static_cast<unsigned>(kHeaderSize + formats.size()))
                                     .U8(kVideoEndpoint)
                                     .U8(0)
                                     .U8(2)
                                     .U8(0)
                                     .U8(0)
                                     .U8(0)
                                     .U8(1)
                                     .U8(0)
                                     .U8(0));
  return Fields()
      .Raw(Descriptor(
          USB_DT_INTERFACE,
          Fields().U8(kStreamingInterface).U8(0).U8(1).U8(kVideoClass).U8(2).U8(0).U8(0)))
      .Raw(header)
      .Raw(formats)
      .Raw(Descriptor(
          USB_DT_ENDPOINT,
          Fields().U8(kVideoEndpoint).U8(USB_ENDPOINT_XFER_BULK).U16(kBulkPacketSize).U8(0)))
      .bytes();
}

std::vector<uint8_t> ConfigurationDescriptor(const CameraMode& mode) {
  const std::vector<uint8_t> interfaces =
      Fields()
          .Raw(Descriptor(USB_DT_INTERFACE_ASSOCIATION,
                          Fields().U8(0).U8(2).U8(kVideoClass).U8(3).U8(0).U8(0)))
          .Raw(ControlInterface())
          .Raw(StreamingInterface(mode))
          .bytes();
  const unsigned total = static_cast<unsigned>(USB_DT_CONFIG_SIZE + interfaces.size());
  return Fields()
      .Raw(Descriptor(USB_DT_CONFIG, Fields().U16(total).U8(2).U8(1).U8(0).U8(0x80).U8(50)))
      .Raw(interfaces)
      .bytes();
}

std::vector<uint8_t> StringDescriptor(unsigned index) {
  constexpr unsigned kEnglish = 0x0409;
  Fields fields;
  if (index == 0) {
    fields.U16(kEnglish);
  } else {
    for (const char c : std::string(index == 1 ? "Ocellus" : "Ocellus test camera")) {
      fields.U16(static_cast<unsigned char>(c));
    }
  }
  return Descriptor(USB_DT_STRING, fields);
}

// The one answer to what the host would like to negotiate (UVC 1.1, table 4-47).
std::vector<uint8_t> ProbeAnswer(const CameraMode& mode, uint8_t format) {
  return Fields()
      .U16(1)
      .U8(format)
      .U8(1)
      .U32(mode.interval())
      .U16(0)
      .U16(0)
      .U16(0)
      .U16(0)
      .U16(0)
      .U32(kMaxTransfer)
      .U32(kMaxTransfer)
      .U32(kClockHz)
      .U8(3)
      .U8(1)
      .U8(1)
      .U8(1)
      .bytes();
}

// What raw_gadget is given and gives: a header of type T with up to `size` bytes behind it.
template <typename T>
class Message {
 public:
  explicit Message(size_t size) : memory_(sizeof(T) + size) {}

  T& header() { return *reinterpret_cast<T*>(memory_.data()); }
  uint8_t* data() { return memory_.data() + sizeof(T); }
  size_t capacity() const { return memory_.size() - sizeof(T); }

 private:
  std::vector<uint8_t> memory_;
};

using Transfer = Message<usb_raw_ep_io>;

[[noreturn]] void Fail(const char* what) {
  std::fprintf(stderr, "usb_camera: %s: %s\n", what, std::strerror(errno));
  std::exit(1);
}

// Sends pictures of the format that the host committed to, on a thread of its own: a transfer takes
// as long as the host lets it wait.
class PictureSender {
 public:
  PictureSender(int gadget, const hal::VideoFormat& format) : gadget_(gadget), format_(format) {
    for (const auto pixel_format : {hal::PixelFormat::kMjpeg, hal::PixelFormat::kH264}) {
      format_.pixel_format = pixel_format;
      pictures_.push_back(MakePictures(format_));
    }
    // Only there to interrupt a transfer.
    struct sigaction action {};
    action.sa_handler = [](int) {};
    sigaction(SIGUSR1, &action, nullptr);
  }

  void Start(int endpoint) {
    if (started_) return;
    started_ = true;
    endpoint_ = endpoint;
    thread_ = std::thread([this] { Run(); });
  }

  // Sends this format from its first picture on; what the host has not taken yet is dropped.
  void Commit(uint8_t format) {
    committed_ = format;
    restart_ = true;
    if (started_) pthread_kill(thread_.native_handle(), SIGUSR1);
  }

 private:
  using Clock = std::chrono::steady_clock;

  void Run() {
    const auto interval = std::chrono::microseconds(1'000'000 / format_.frames_per_second);
    Clock::time_point due = Clock::now();
    size_t index = 0;
    for (;;) {
      due = std::max(due + interval, Clock::now());
      std::this_thread::sleep_until(due);
      const uint8_t format = committed_;
      if (format == 0) continue;
      if (restart_.exchange(false)) index = 0;
      const std::vector<Picture>& pictures = pictures_[format - 1u];
      if (Send(pictures[index % pictures.size()])) ++index;
    }
  }

  bool Send(const Picture& picture) {
    const size_t size = kPayloadHeaderSize + picture.size();
    if (size > transfer_.capacity()) Fail("picture too large");
    constexpr uint8_t kEndOfHeader = 0x80;
    constexpr uint8_t kEndOfFrame = 0x02;
    frame_id_ ^= 1;
    transfer_.data()[0] = kPayloadHeaderSize;
    transfer_.data()[1] = static_cast<uint8_t>(kEndOfHeader | kEndOfFrame | frame_id_);
    std::copy(picture.begin(), picture.end(), transfer_.data() + kPayloadHeaderSize);
    transfer_.header().ep = static_cast<__u16>(endpoint_);
    // A transfer ends with a short packet; a whole number of packets needs an empty one.
    transfer_.header().flags = size % kBulkPacketSize == 0 ? USB_RAW_IO_FLAGS_ZERO : 0;
    transfer_.header().length = static_cast<__u32>(size);
    return ioctl(gadget_, USB_RAW_IOCTL_EP_WRITE, &transfer_.header()) >= 0;
  }

  const int gadget_;
  hal::VideoFormat format_;
  std::vector<std::vector<Picture>> pictures_;  // By format index - 1.
  std::thread thread_;
  bool started_ = false;
  int endpoint_ = 0;
  std::atomic<uint8_t> committed_{0};  // 0: none yet.
  std::atomic<bool> restart_{false};
  uint8_t frame_id_ = 0;
  Transfer transfer_{kMaxTransfer};
};

// Answers what the host asks on endpoint 0.
class UsbCamera {
 public:
  explicit UsbCamera(const CameraMode& mode)
      : mode_(mode),
        gadget_(Plug()),
        sender_(gadget_, {hal::PixelFormat::kMjpeg, static_cast<int>(mode.width),
                          static_cast<int>(mode.height), static_cast<int>(mode.rate)}) {}

  [[noreturn]] void Run() {
    if (ioctl(gadget_, USB_RAW_IOCTL_RUN, 0) != 0) Fail("run");
    for (;;) {
      Message<usb_raw_event> event(sizeof(usb_ctrlrequest));
      event.header().length = sizeof(usb_ctrlrequest);
      if (ioctl(gadget_, USB_RAW_IOCTL_EVENT_FETCH, &event.header()) != 0) Fail("fetch event");
      if (event.header().type != USB_RAW_EVENT_CONTROL) continue;
      usb_ctrlrequest request;
      std::memcpy(&request, event.data(), sizeof(request));
      HandleRequest(request);
    }
  }

 private:
  static int Plug() {
    const int gadget = open("/dev/raw-gadget", O_RDWR);
    if (gadget < 0) Fail("/dev/raw-gadget");
    usb_raw_init init{};
    std::strcpy(reinterpret_cast<char*>(init.driver_name), "dummy_udc");
    std::strcpy(reinterpret_cast<char*>(init.device_name), "dummy_udc.0");
    init.speed = USB_SPEED_HIGH;
    if (ioctl(gadget, USB_RAW_IOCTL_INIT, &init) != 0) Fail("init");
    return gadget;
  }

  void HandleRequest(const usb_ctrlrequest& request) {
    const bool of_class = (request.bRequestType & USB_TYPE_MASK) == USB_TYPE_CLASS;
    const bool handled = of_class ? HandleVideoRequest(request) : HandleStandardRequest(request);
    if (!handled) ioctl(gadget_, USB_RAW_IOCTL_EP0_STALL, 0);
  }

  bool HandleStandardRequest(const usb_ctrlrequest& request) {
    switch (request.bRequest) {
      case USB_REQ_GET_DESCRIPTOR:
        return HandleGetDescriptor(request);
      case USB_REQ_GET_STATUS:
        return Answer(request, {0, 0});
      case USB_REQ_SET_CONFIGURATION: {
        usb_endpoint_descriptor endpoint{};
        endpoint.bLength = USB_DT_ENDPOINT_SIZE;
        endpoint.bDescriptorType = USB_DT_ENDPOINT;
        endpoint.bEndpointAddress = kVideoEndpoint;
        endpoint.bmAttributes = USB_ENDPOINT_XFER_BULK;
        endpoint.wMaxPacketSize = kBulkPacketSize;
        const int handle = ioctl(gadget_, USB_RAW_IOCTL_EP_ENABLE, &endpoint);
        if (handle < 0) Fail("enable the endpoint");
        ioctl(gadget_, USB_RAW_IOCTL_VBUS_DRAW, 50);
        ioctl(gadget_, USB_RAW_IOCTL_CONFIGURE, 0);
        sender_.Start(handle);
        return Receive(request);
      }
      case USB_REQ_SET_INTERFACE:
        return Receive(request);
      default:
        return false;
    }
  }

  bool HandleGetDescriptor(const usb_ctrlrequest& request) {
    switch (request.wValue >> 8) {
      case USB_DT_DEVICE:
        return Answer(request, DeviceDescriptor());
      case USB_DT_CONFIG:
        return Answer(request, ConfigurationDescriptor(mode_));
      case USB_DT_STRING:
        return Answer(request, StringDescriptor(request.wValue & 0xff));
      default:
        return false;
    }
  }

  bool HandleVideoRequest(const usb_ctrlrequest& request) {
    const unsigned control = request.wValue >> 8;
    if ((request.wIndex & 0xff) != kStreamingInterface) return false;
    if (control != kProbe && control != kCommit) return false;
    switch (request.bRequest) {
      case kSetCurrent:
        if (!Receive(request)) return true;
        format_ = std::clamp(endpoint0_.data()[2], kFormatMjpeg, kFormatH264);
        if (control == kCommit) sender_.Commit(format_);
        return true;
      case kGetInfo:
        return Answer(request, {3});  // May be read and set.
      case kGetLength:
        return Answer(request, {kProbeSize, 0});
      default:  // GET_CUR, GET_MIN, GET_MAX, GET_DEF
        return Answer(request, ProbeAnswer(mode_, format_));
    }
  }

  bool Answer(const usb_ctrlrequest& request, const std::vector<uint8_t>& answer) {
    const size_t size = std::min<size_t>(answer.size(), request.wLength);
    std::copy_n(answer.begin(), size, endpoint0_.data());
    endpoint0_.header().ep = 0;
    endpoint0_.header().flags = 0;
    endpoint0_.header().length = static_cast<__u32>(size);
    ioctl(gadget_, USB_RAW_IOCTL_EP0_WRITE, &endpoint0_.header());
    return true;
  }

  // Takes what the host sends with its request, which may be nothing.
  bool Receive(const usb_ctrlrequest& request) {
    endpoint0_.header().ep = 0;
    endpoint0_.header().flags = 0;
    endpoint0_.header().length =
        static_cast<__u32>(std::min<size_t>(request.wLength, endpoint0_.capacity()));
    return ioctl(gadget_, USB_RAW_IOCTL_EP0_READ, &endpoint0_.header()) >= 0;
  }

  const CameraMode mode_;
  const int gadget_;
  PictureSender sender_;
  uint8_t format_ = kFormatMjpeg;
  Transfer endpoint0_{1024};
};

}  // namespace
}  // namespace ocellus::vm

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: usb_camera WIDTH HEIGHT RATE\n");
    return 2;
  }
  const auto number = [&](int index) { return static_cast<unsigned>(std::atoi(argv[index])); };
  static ocellus::vm::UsbCamera camera({number(1), number(2), number(3)});
  camera.Run();
}
