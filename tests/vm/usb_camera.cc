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
constexpr uint16_t kVersion = 0x0110;
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

// A field of a descriptor, little-endian: a byte, a word of two, a double word of four.
struct Field {
  uint64_t value;
  int size;
};
constexpr Field B(uint64_t value) { return {value, 1}; }
constexpr Field W(uint64_t value) { return {value, 2}; }
constexpr Field D(uint64_t value) { return {value, 4}; }

std::vector<uint8_t> Write(const std::vector<Field>& fields) {
  std::vector<uint8_t> bytes;
  for (const Field& field : fields) {
    for (int i = 0; i < field.size; ++i) {
      bytes.push_back(static_cast<uint8_t>(field.value >> 8 * i));
    }
  }
  return bytes;
}

std::vector<uint8_t> Join(const std::vector<std::vector<uint8_t>>& parts) {
  std::vector<uint8_t> all;
  for (const std::vector<uint8_t>& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

// A descriptor: its length, its type, `fields`.
std::vector<uint8_t> Descriptor(uint8_t type, const std::vector<Field>& fields) {
  const std::vector<uint8_t> body = Write(fields);
  return Join({Write({B(body.size() + 2), B(type)}), body});
}

struct CameraMode {
  unsigned width = 0;
  unsigned height = 0;
  unsigned rate = 0;

  uint64_t interval() const { return 10'000'000 / rate; }  // In units of 100 ns.
  uint64_t bits_per_second() const { return uint64_t{16} * width * height * rate; }
};

// USB 2.0, a device whose interfaces are grouped, of "Linux Foundation", with two strings.
std::vector<uint8_t> DeviceDescriptor() {
  constexpr uint8_t kMiscellaneousClass = 0xef;
  return Descriptor(USB_DT_DEVICE, {W(0x0200), B(kMiscellaneousClass), B(2), B(1), B(64), W(0x1d6b),
                                    W(0x0105), W(0x0100), B(1), B(2), B(0), B(1)});
}

std::vector<uint8_t> InterfaceDescriptor(uint8_t number, uint8_t endpoints, uint8_t subclass) {
  return Descriptor(USB_DT_INTERFACE,
                    {B(number), B(0), B(endpoints), B(kVideoClass), B(subclass), B(0), B(0)});
}

// The parts of a camera: sensor (terminal 1) -> USB (terminal 2).
std::vector<uint8_t> ControlInterface() {
  constexpr uint8_t kControlSubclass = 1;
  const std::vector<uint8_t> terminals =
      Join({Descriptor(kClassSpecific,
                       {B(2), B(1), W(0x0201), B(0), B(0), W(0), W(0), W(0), B(2), W(0)}),
            Descriptor(kClassSpecific, {B(3), B(2), W(0x0101), B(0), B(1), B(0)})});
  constexpr size_t kHeaderSize = 13;
  const std::vector<uint8_t> header =
      Descriptor(kClassSpecific, {B(1), W(kVersion), W(kHeaderSize + terminals.size()), D(kClockHz),
                                  B(1), B(kStreamingInterface)});
  return Join({InterfaceDescriptor(0, 0, kControlSubclass), header, terminals});
}

std::vector<uint8_t> MjpegFormat(const CameraMode& mode) {
  const uint64_t rate = mode.bits_per_second();
  const uint64_t interval = mode.interval();
  return Join(
      {Descriptor(kClassSpecific,
                  {B(6), B(kFormatMjpeg), B(1), B(0), B(1), B(0), B(0), B(0), B(0)}),
       Descriptor(kClassSpecific, {B(7), B(1), B(0), W(mode.width), W(mode.height), D(rate),
                                   D(rate), D(kMaxTransfer), D(interval), B(1), D(interval)})});
}

// A "frame based" format with the identifier that Microsoft gave to H.264.
std::vector<uint8_t> H264Format(const CameraMode& mode) {
  const uint64_t rate = mode.bits_per_second();
  const uint64_t interval = mode.interval();
  return Join(
      {Descriptor(kClassSpecific,
                  {B(0x10), B(kFormatH264), B(1), B('H'), B('2'),  B('6'), B('4'),  W(0),
                   W(0x10), B(0x80),        B(0), B(0),   B(0xaa), B(0),   B(0x38), B(0x9b),
                   B(0x71), B(16),          B(1), B(0),   B(0),    B(0),   B(0),    B(1)}),
       Descriptor(kClassSpecific, {B(0x11), B(1), B(0), W(mode.width), W(mode.height), D(rate),
                                   D(rate), D(interval), B(1), D(0), D(interval)})});
}

std::vector<uint8_t> StreamingInterface(const CameraMode& mode) {
  constexpr uint8_t kStreamingSubclass = 2;
  const std::vector<uint8_t> formats =
      Join({MjpegFormat(mode), H264Format(mode),
            Descriptor(kClassSpecific, {B(0x0d), B(1), B(1), B(4)})});  // Colours.
  constexpr size_t kHeaderSize = 15;
  const std::vector<uint8_t> header =
      Descriptor(kClassSpecific, {B(1), B(2), W(kHeaderSize + formats.size()), B(kVideoEndpoint),
                                  B(0), B(2), B(0), B(0), B(0), B(1), B(0), B(0)});
  const std::vector<uint8_t> endpoint = Descriptor(
      USB_DT_ENDPOINT, {B(kVideoEndpoint), B(USB_ENDPOINT_XFER_BULK), W(kBulkPacketSize), B(0)});
  return Join(
      {InterfaceDescriptor(kStreamingInterface, 1, kStreamingSubclass), header, formats, endpoint});
}

std::vector<uint8_t> ConfigurationDescriptor(const CameraMode& mode) {
  constexpr uint8_t kCollectionSubclass = 3;
  const std::vector<uint8_t> interfaces =
      Join({Descriptor(USB_DT_INTERFACE_ASSOCIATION,
                       {B(0), B(2), B(kVideoClass), B(kCollectionSubclass), B(0), B(0)}),
            ControlInterface(), StreamingInterface(mode)});
  return Join({Descriptor(USB_DT_CONFIG, {W(USB_DT_CONFIG_SIZE + interfaces.size()), B(2), B(1),
                                          B(0), B(0x80), B(50)}),
               interfaces});
}

std::vector<uint8_t> StringDescriptor(unsigned index) {
  constexpr unsigned kEnglish = 0x0409;
  if (index == 0) return Descriptor(USB_DT_STRING, {W(kEnglish)});
  std::vector<Field> characters;
  for (const char c : std::string(index == 1 ? "Ocellus" : "Ocellus test camera")) {
    characters.push_back(W(static_cast<unsigned char>(c)));
  }
  return Descriptor(USB_DT_STRING, characters);
}

// The one answer to what the host would like to negotiate (UVC 1.1, table 4-47).
std::vector<uint8_t> ProbeAnswer(const CameraMode& mode, uint8_t format) {
  return Write({W(1), B(format), B(1), D(mode.interval()), W(0), W(0), W(0), W(0), W(0),
                D(kMaxTransfer), D(kMaxTransfer), D(kClockHz), B(3), B(1), B(1), B(1)});
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

  // Takes back a picture that the host has not read, and sends none until Commit.
  void Pause() {
    paused_ = true;
    while (started_ && !idle_) {
      pthread_kill(thread_.native_handle(), SIGUSR1);
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }

  // Sends this format from its first picture on. Only while paused.
  void Commit(uint8_t format) {
    committed_ = format;
    next_ = 0;
    paused_ = false;
  }

 private:
  using Clock = std::chrono::steady_clock;

  void Run() {
    const auto interval = std::chrono::microseconds(1'000'000 / format_.frames_per_second);
    Clock::time_point due = Clock::now();
    for (;;) {
      due = std::max(due + interval, Clock::now());
      std::this_thread::sleep_until(due);
      idle_ = false;  // Before paused_ is asked: Pause does it the other way round.
      if (!paused_) {
        const std::vector<Picture>& pictures = pictures_[committed_ - 1u];
        if (Send(pictures[next_ % pictures.size()])) ++next_;
      }
      idle_ = true;
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
  std::atomic<bool> paused_{true};
  std::atomic<bool> idle_{true};
  // Of the thread, or of everybody while it is paused and idle.
  uint8_t committed_ = kFormatMjpeg;
  size_t next_ = 0;
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
        // The host may read as soon as it has our answer.
        if (control == kCommit) sender_.Pause();
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
