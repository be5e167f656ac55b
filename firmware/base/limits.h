// SPDX-License-Identifier: Apache-2.0
// Every limit of Ocellus: its unit, its source, and what happens when it is reached. Protocol
// timers and constants that an RFC gives stand with the code that runs them; here are the bounds
// on memory and work that keep a peer from harming us.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ocellus {

// Bytes of one log line. Longer ones are cut.
constexpr size_t kMaxLogMessage = 512;

// Bytes of a UDP payload that we send. 1,200 passes every path with IPv6's minimum MTU of 1,280
// (RFC 8200 section 5) with room for IPv6, UDP and a tunnel; QUIC chose the same (RFC 9000
// section 14). Larger things are fragmented by their own protocol (FU-A, DTLS).
constexpr size_t kMaxDatagramSize = 1200;

// Bytes that a relayed datagram is longer on its way to the TURN server: a Send indication with an
// IPv6 peer (RFC 8656 section 11): header 20, XOR-PEER-ADDRESS 24, DATA 4, padding 3. Media goes by
// channels, whose header has 4.
constexpr size_t kMaxRelayOverhead = 52;
constexpr size_t kMaxTransmitSize = kMaxDatagramSize + kMaxRelayOverhead;

// Bytes of a UDP payload that we receive: an Ethernet MTU. Longer ones are dropped as truncated.
constexpr size_t kMaxReceivedDatagramSize = 1500;

// Viewers at once, the default of --max-viewers. The next one is refused with 503.
constexpr size_t kDefaultMaxViewers = 50;

// The largest --max-viewers that is accepted.
constexpr size_t kMaxMaxViewers = 1000;

// Local interface addresses that become candidates. Further ones are left out and logged.
constexpr size_t kMaxLocalAddresses = 16;

// Remote candidates that an ICE agent keeps, signalled and peer-reflexive together. Further ones
// are dropped and counted. Browsers send fewer than 20.
constexpr size_t kMaxRemoteCandidates = 64;

// Candidate pairs in a checklist. RFC 8445 section 6.1.2.5: "SHOULD be 100 by default". The
// lowest-priority ones are dropped.
constexpr size_t kMaxCandidatePairs = 100;

// Bytes of an SDP offer or answer. Browsers send 2 to 12 KB. Larger ones are refused (413).
constexpr size_t kMaxSdpSize = 64 * 1024;

// Media descriptions in an SDP. More are refused with the line number.
constexpr size_t kMaxMediaDescriptions = 32;

// Encoded video that the frame ring keeps, for retransmission and for joiners: 4 s at 2 Mbit/s.
// The oldest frames make room.
constexpr size_t kFrameRingBytes = 1024 * 1024;

// Frames that the ring keeps: 8 s at 30 fps. The oldest make room.
constexpr size_t kFrameRingFrames = 256;

// RTP payloads that the ring keeps. The oldest frames make room.
constexpr size_t kFrameRingPayloads = 2048;

// Packets of one stream that can be retransmitted: 2 s at 2 Mbit/s, and less than the 2^15 that
// sequence numbers can tell apart. Older ones are not sent again.
constexpr size_t kSendHistoryPackets = 512;

// Pixels of a picture, of any source: 3840x2160. Larger ones are refused.
constexpr size_t kMaxPicturePixels = size_t{3840} * 2160;

// Bytes of one encoded picture: half the frame ring, so that what follows a keyframe fits too.
// Larger ones are dropped, counted and followed by a keyframe.
constexpr size_t kMaxEncodedFrameBytes = kFrameRingBytes / 2;

// Encoded pictures on their way from the video thread to the io thread: 0.27 s at 30 fps. When the
// io thread is later than that, pictures are dropped until the next keyframe, which is asked for.
constexpr size_t kVideoMailboxFrames = 8;

// Bytes of a configuration file. Larger ones are refused.
constexpr size_t kMaxConfigFileSize = 64 * 1024;

// Datagrams that one system call takes from the UDP socket; the rest waits for the next.
constexpr size_t kReceiveBatchDatagrams = 32;

// Bytes and paths (a run of datagrams to one viewer) that wait for UdpSocket::Flush. A full batch
// goes out at once.
constexpr size_t kSendBatchBytes = 256 * 1024;
constexpr size_t kSendBatchMessages = 256;

// Bytes that the kernel may hold of our UDP datagrams, each way: a keyframe of 50 KB to 50 viewers.
// What comes on top is dropped, as a full router would. The kernel may grant less.
constexpr int kUdpSocketBuffer = 4 * 1024 * 1024;

// Bytes of an RTP payload. What remains of kMaxDatagramSize holds the RTP header (12), the header
// extensions of a frame's first packet (24: mid of three characters, transport-cc, playout-delay,
// abs-capture-time), the original sequence number of RTX (2) and the SRTP tag (16). NAL units that
// are larger are cut into fragments (FU-A).
constexpr size_t kMaxRtpPayloadSize = kMaxDatagramSize - 12 - 24 - 2 - 16;

// H.264 parameter sets (SPS and PPS) of one stream that are kept for keyframes without their own.
// Encoders use 2. The oldest is forgotten.
constexpr size_t kMaxParameterSets = 16;

// Bytes of a received access unit that is put together from packets. A larger one is given up and
// reported as damaged.
constexpr size_t kMaxAccessUnitSize = 4 * 1024 * 1024;

// Packets of one stream that wait for their retransmission. Further requests are ignored: who
// still misses the packet asks again.
constexpr size_t kMaxQueuedRetransmissions = 128;

// Retransmissions for each 100 packets of media, beyond a first kMaxQueuedRetransmissions: a
// flood of NACKs costs no more. Requests above it are ignored.
constexpr size_t kMaxRetransmissionPercent = 50;

// Packets that one viewer is sent back to back, and their rate afterwards (75 Mbit/s). Only a
// viewer who catches up (a joiner behind an old keyframe) meets it; its packets wait. A browser's
// receive buffer holds about 180.
constexpr size_t kMaxBurstPackets = 128;
constexpr size_t kMaxPacketsPerMillisecond = 8;

// Missing packets that a receiver asks for. A gap that makes them more is given up: only a
// keyframe helps then.
constexpr size_t kMaxMissingPackets = 256;

// Buffers that a V4L2 camera fills in turn: one with the encoder, one being filled, and two between
// them for the jitter of both. A full queue makes the device drop pictures.
constexpr uint32_t kV4l2Buffers = 4;

// Entries of one kind (pixel formats, sizes, frame rates) that a V4L2 device is asked for. Real
// ones have fewer than 100. Further ones are not looked at.
constexpr uint32_t kMaxV4l2Enumeration = 256;

// Attribute lines of one media description in an SDP. Browsers write up to 250. More are refused
// with the line number.
constexpr size_t kMaxSdpAttributes = 1024;

// Connections that the HTTP server holds: a browser opens up to 6. Full: the one whose request has
// been on its way for longest makes room; when all of them wait for us, the new one gets 503.
constexpr size_t kMaxHttpConnections = 128;

// Requests that the HTTP server has handed over and that have no answer yet, those of clients that
// have gone included. Further ones get 503.
constexpr size_t kMaxHttpRequestsPending = 128;

// Bytes of an HTTP request's line and header fields. Browsers send about 1 KB; 8 KB is what Apache
// and nginx allow. More are refused with 431, a longer target with 414.
constexpr size_t kMaxHttpHeaderSize = 8 * 1024;

// Header fields of an HTTP request. Browsers send about 20. More are refused with 431.
constexpr size_t kMaxHttpHeaderFields = 64;

// Bytes of an HTTP request's body: an SDP, and some more so that it is WHEP that refuses one that
// is too large, in words that reach the page. More are refused with 413.
constexpr size_t kMaxHttpBodySize = kMaxSdpSize + 16 * 1024;

// Clients that wait for a snapshot at once. Further ones get 503.
constexpr size_t kMaxSnapshotWaiters = 32;

// Values inside each other in a JSON text; cJSON recurses over them. Deeper ones are refused.
constexpr size_t kMaxJsonDepth = 32;

// SSRCs of a viewer whose SRTP state we keep: its audio, its receivers' reports, and some that it
// changed. Packets of further ones are dropped and counted.
constexpr size_t kMaxRemoteSources = 32;

// RTP packets behind the newest one that SRTP still takes, in both directions: late ones, and
// retransmissions of ours, so at least kSendHistoryPackets. RFC 3711 section 3.3.2: "at least 64".
constexpr size_t kSrtpReplayWindow = 1024;

// Bytes of DTLS datagrams that wait for PollTransmit: several times our longest flight. Full:
// further ones are dropped as by a network, and the handshake's timer repeats them.
constexpr size_t kMaxDtlsOutgoing = 4096;

// Remote addresses that lead to one viewer: its candidates, and what NATs make of them. Full: the
// oldest is forgotten; a check that names the viewer's ufrag brings it back.
constexpr size_t kMaxRoutesPerViewer = 2 * kMaxRemoteCandidates;

// Names that are looked up by multicast DNS at once. Browsers signal one or two each. Further ones
// are refused: their owners' own checks still make them known (peer-reflexive).
constexpr size_t kMaxMdnsNames = 64;

// Questions of multicast DNS a second, each one datagram for every interface and family, and as
// many at once: whoever may signal candidates could make us flood the local network otherwise.
// Further ones wait, and are left out once their name's 4 s are over.
constexpr size_t kMaxMdnsQuestionsPerSecond = 32;

// Addresses of one name found by multicast DNS. Further ones are passed over. Browsers have one.
constexpr size_t kMaxMdnsAddresses = 8;

// Bytes of a multicast DNS message. RFC 6762 section 17: "MUST NOT exceed 9000 bytes", headers
// included. Longer ones are dropped.
constexpr size_t kMaxMdnsMessageSize = 9000;

// Questions and records in one multicast DNS message. Browsers send fewer than 10, print servers
// dozens. Messages with more are dropped.
constexpr size_t kMaxMdnsRecords = 256;

// TCP connections that others have opened to our media port, whoever they are. The next one is
// closed at once; the app makes room earlier, for it knows which of them are nobody's.
constexpr size_t kMaxTcpAccepted = 128;

// TCP connections that we have opened at once: to TURN servers, one each. Further ones fail.
constexpr size_t kMaxTcpConnects = 16;

// Bytes of one TCP connection that wait for the kernel, and those that the kernel holds before they
// are on their way: 0.4 s together at 2 Mbit/s, room for a keyframe of 50 KB. What does not fit is
// dropped whole, packet by packet: later it would only be late.
constexpr size_t kTcpSendBuffer = 64 * 1024;
constexpr int kTcpUnsentBytes = 32 * 1024;

// Bytes that are read from one TCP connection before the others have their turn.
constexpr size_t kTcpReadSize = 16 * 1024;

// New TCP connections that one turn of the loop takes; the rest waits for the next.
constexpr int kTcpAcceptBatch = 16;

// Bytes of a TLS connection that have come and wait to be read: records of up to 16 KiB (RFC 8446
// section 5.1), and what is read from TCP at once. More closes the connection.
constexpr size_t kMaxTlsIncoming = 64 * 1024;

// Bytes of a TLS connection that wait for TCP: a record and more, and what TCP's send buffer takes
// at once. Further messages are dropped: later they would only be late.
constexpr size_t kMaxTlsOutgoing = 32 * 1024;

// Bytes of a file of trusted certificates. Distributions ship 200 to 250 KB. Larger ones are
// refused.
constexpr size_t kMaxTrustStoreSize = 4 * 1024 * 1024;

// Host names that are looked up at once, each on a thread while it lasts, and that wait for one of
// those. Further ones fail. A name server that is away takes up to a minute of a lookup.
constexpr size_t kMaxNameLookups = 4;
constexpr size_t kMaxWaitingNames = 64;

// Addresses of one host name that a look-up returns. Further ones are passed over.
constexpr size_t kMaxResolvedAddresses = 16;

// STUN and TURN servers that are used. Further ones of the configuration are left out and logged.
constexpr size_t kMaxIceServers = 8;

// TURN servers among them, each with one allocation. Further ones are left out and logged.
constexpr size_t kMaxTurnServers = 4;
// And the others.
constexpr size_t kMaxStunServers = kMaxIceServers - kMaxTurnServers;

// Addresses of ours, of both families, that one STUN server is asked about every 15 s. The later
// ones have no server-reflexive candidate.
constexpr size_t kMaxMappingsPerServer = 8;

// Server-reflexive candidates. A symmetric NAT makes one for each server and base; the viewer's
// checks reveal the mapping that counts anyway (peer-reflexive). Further ones are not signalled.
constexpr size_t kMaxServerReflexiveCandidates = 8;

// Addresses that the user says reach us. Further ones are left out.
constexpr size_t kMaxPublicAddresses = 4;

// Datagrams of one DTLS flight that binding requests and responses carry (DTLS in STUN): a
// browser's certificate chain and its key need two or three. Further ones wait for the handshake's
// own timer.
constexpr size_t kMaxFlightDatagrams = 8;

// Bytes of DTLS datagrams that binding messages to one viewer carry in all, repetitions included:
// the window that RFC 8445 appendix B.1 takes for connectivity checks. Beyond it, checks go on
// without them, and DTLS by itself.
constexpr size_t kMaxDtlsInStunBytes = 14'600;

// Bytes of a DTLS datagram of ours where binding messages may carry it: with what a check has
// besides (up to 164 bytes with a username of 64), it stays within kMaxDatagramSize. libwebrtc
// chose the same.
constexpr size_t kDtlsInStunMtu = 900;

// Candidates of ours of all kinds: hosts over UDP and TCP, server-reflexive and relayed ones.
// Further ones are left out.
constexpr size_t kMaxLocalCandidates = 64;

// Names among one peer's candidates (browsers' "<uuid>.local") that are resolved, in one generation
// of credentials. Browsers have one for each interface. Candidates with further names are dropped
// and counted.
constexpr size_t kMaxRemoteNames = 8;

// Candidates that wait for their name. Further ones are dropped and counted.
constexpr size_t kMaxUnresolvedCandidates = 16;

// Addresses of one such name that are used: one or two are real. Further ones are left out.
constexpr size_t kMaxAddressesPerName = 4;

// Candidate pairs that an ICE agent remembers after it has dropped them, to show why. The oldest
// are forgotten.
constexpr size_t kMaxDroppedPairs = 16;

// Candidate pairs of one viewer that /status shows, beside the one in use. The others are left out.
constexpr size_t kMaxStatusPairs = 24;

// Bytes of a realm or a nonce that a STUN server gives us. RFC 8489 sections 14.9 and 14.10: "fewer
// than 128 characters (which can be as long as [...] 763 bytes)". The challenge is refused.
constexpr size_t kMaxStunTextSize = 763;

// Peers that one TURN allocation knows: the candidates of all viewers who are being checked through
// it. Full: whom nothing was sent to for longest is forgotten, and asked for again when it is.
constexpr size_t kMaxTurnPeers = 1024;

// IP addresses in one CreatePermission: with IPv6, 24 bytes each, it stays below kMaxDatagramSize.
// Further ones have their turn in the next.
constexpr size_t kMaxPermissionsPerRequest = 16;

// Requests about peers that one TURN client has on their way. RFC 8489 section 6.2: "a client
// SHOULD limit itself to ten outstanding transactions to the same server". Further ones wait, and
// share requests.
constexpr size_t kMaxTurnTransactions = 10;

// Bytes of a message of a TURN server over a stream: a packet that we would receive by UDP, and
// what the relay adds. Longer ones are skipped and counted.
constexpr size_t kMaxTurnMessageSize = kMaxReceivedDatagramSize + kMaxRelayOverhead;

// TCP connections of viewers (ICE-TCP), fewer than kMaxTcpAccepted. Full: one that has not
// authenticated itself makes room; where there is none, the new one is closed.
constexpr size_t kMaxViewerTcpConnections = kMaxTcpAccepted - 16;

// Names of viewers' candidates that wait to be handed to the resolver. Further ones are left out.
constexpr size_t kMaxNamesWaiting = 32;

// Bytes from a TURN server over TCP or TLS that were not taken out yet: twice what a TLS connection
// may deliver at once. More closes the connection.
constexpr size_t kMaxTurnStreamData = 2 * kMaxTlsIncoming;

// Addresses whose wrong tokens are counted. Full: the one that was quiet for longest is forgotten.
constexpr size_t kMaxAttemptAddresses = 256;

// Data channels of one viewer at once. Browsers' pages open a few. A further one of the peer's is
// closed at once; of ours, refused.
constexpr size_t kMaxChannels = 64;

// Bytes of a data channel's label, and of its protocol; RFC 8832 section 5.1 would allow 65,535. A
// channel with longer ones is closed at once.
constexpr size_t kMaxChannelNameSize = 1024;

// Bytes of a data channel's message that we accept: what browsers accept too. Larger ones are
// dropped and counted.
constexpr size_t kMaxChannelMessageSize = 256 * 1024;

// Bytes of one control message, and of the body of POST /api/v1/rpc; real ones have a few hundred.
// Longer ones are answered with an error, unread.
constexpr size_t kMaxControlMessageSize = 64 * 1024;

// Bytes of one answer on a control channel: kMaxChannelMessageSize, or what the client takes if
// that is less (RFC 8841 section 6.1). Longer ones become an error that says so.
constexpr size_t kMaxControlReplySize = 256 * 1024;

// Requests in one batch. Larger batches are answered with one error.
constexpr size_t kMaxControlBatch = 32;

// Calls of one client that are under way (snapshots, camera controls). Further ones get an error.
constexpr size_t kMaxPendingCalls = 16;

// Bytes of answers and notifications that wait for one client. Full: the client is sent away.
constexpr size_t kMaxControlQueue = 1024 * 1024;

// Requests of one client: so many at once, and so many a second. Further ones get an error.
constexpr unsigned kControlBurst = 200;
constexpr unsigned kControlRequestsPerSecond = 100;

// Messages or KiB, whichever are more, that we read of one client in a second. Who sends more is
// sent away: from then on his messages cost nothing.
constexpr unsigned kMaxControlMessagesPerSecond = 1000;

// Addresses whose HTTP control requests are counted, one client each. Full: whoever was quiet for
// longest is forgotten; while all have calls under way, new ones get 503.
constexpr size_t kMaxHttpControlClients = 64;

// Bytes of a request's id that is text; clients use numbers or UUIDs. Longer ones are refused.
constexpr size_t kMaxControlIdSize = 128;

// Log lines in one notification or answer. Of more, the newest are told.
constexpr size_t kMaxControlLogLines = 100;

// Values in one JSON text, 64 bytes of memory each. More are refused.
constexpr size_t kMaxJsonValues = 10'000;

// Outputs of the board (lights, relays), and bytes of their names. More are refused at start.
constexpr size_t kMaxOutputs = 32;
constexpr size_t kMaxOutputName = 32;

// Bytes of a file's name. Longer ones are refused. File systems take 255, and what is unfinished
// has a longer one: with 66 more.
constexpr size_t kMaxFileNameSize = 128;

// Bytes of one binary message of a file transfer, either way: control messages get in between (10
// ms of 13 Mbit/s). Longer ones end the transfer.
constexpr size_t kFileMessageSize = 16 * 1024;

// Bytes of one text message of a file transfer; real ones have fewer than 300. Longer ones end it.
constexpr size_t kMaxFileTextSize = 1024;

// Bytes of a file that wait in one channel's send buffer: 70 ms of 30 MB/s, so that a channel is
// never empty between two turns of the io thread. More stay in the file.
constexpr size_t kFileTransferWindow = 256 * 1024;

// Bytes that are read from a file at once, and hashed in one step: 0.25 ms of a desk's CPU. The
// next ones have their turn later.
constexpr size_t kFileBlockSize = 64 * 1024;

// Answers of the disk that one turn of the io thread takes, a block each. The others have the next.
constexpr size_t kMaxFileCompletionsPerTurn = 4;

// Bytes of an upload between two messages of its progress, and those that a client may send beyond
// the last one: what we keep in memory when the disk is slower than the network. More end it.
constexpr size_t kFileProgressStep = 256 * 1024;
constexpr size_t kFileUploadWindow = 1024 * 1024;

// File transfers at once, of all viewers; those of the role viewer leave room for operators and
// admins. Further ones are told so and closed.
constexpr size_t kMaxFileTransfers = 16;
constexpr size_t kMaxViewerFileTransfers = 8;

// Snapshots in memory, and bytes of each: a 4K picture of high quality has 2 to 4 MB. The oldest
// make room; larger ones are refused.
constexpr size_t kMaxSnapshots = 8;
constexpr size_t kMaxSnapshotSize = 4 * 1024 * 1024;

// Files of one area that a list has: below 64 KiB of JSON, which every client takes. Of more, the
// newest are listed.
constexpr size_t kMaxListedFiles = 256;

// Calls of files.list and files.delete that wait for the disk. Further ones get an error.
constexpr size_t kMaxFileCalls = 64;

// Bytes of the firmware area: two images of a board with a 100 MB root file system, and what an
// interrupted upload left. An upload that does not fit is refused.
constexpr uint64_t kFirmwareAreaSize = 256 * 1024 * 1024;

// Files in an area that clients write to, unfinished ones included. Those make room, the oldest
// first; an upload beyond is refused.
constexpr size_t kMaxUploadedFiles = 64;

// Bytes that a disk keeps free when files are uploaded, for settings and logs. An upload that does
// not leave them is refused.
constexpr uint64_t kMinFreeDiskSpace = 16 * 1024 * 1024;

// Bytes of one of the small things that outlive the program (hal/storage.h). Larger ones are
// refused.
constexpr size_t kMaxStoredSize = 64 * 1024;

// Commands to the video thread (camera controls, size of the stream) that wait for their turn, and
// results that wait for the io thread. Further commands are refused.
constexpr size_t kMaxVideoCommands = 32;

// Places that a camera remembers (presets), and bytes of the name of each. Further ones, and longer
// names, are refused.
constexpr size_t kMaxPtzPresets = 32;
constexpr size_t kMaxPtzPresetName = 64;

// Bytes that one SCTP association keeps of what has come and cannot be handed over yet, overhead
// included: 30 MB/s over 130 ms, most of it lost packets' round trips (Chromium has 5 MiB). It is
// the window that the peer is told; what comes beyond it is dropped, and sent again by the peer.
constexpr size_t kMaxSctpReceiveBuffer = 4 * 1024 * 1024;

// TSNs beyond the first missing one that an SCTP association keeps track of, a bit for each: more
// than full packets fit into the receive buffer. Later ones are dropped, and sent again by the
// peer.
constexpr size_t kMaxSctpTsnsAhead = 8192;

// Gap blocks in one SACK of ours: most of a packet. Further ones are left out until earlier gaps
// are filled.
constexpr size_t kMaxSctpGapBlocks = 256;

// Duplicate TSNs in one SACK of ours. Further ones are not reported.
constexpr size_t kMaxSctpDuplicates = 16;

// Outgoing streams of one SCTP association that wait to be reset: a peer's channels that are
// refused, and those that are closed. Further ones are not reset; what comes on them is ignored.
constexpr size_t kMaxStreamResets = 256;

// Bytes of messages that one SCTP association keeps until the peer has acknowledged them, overhead
// included: 40 MB/s over 50 ms. Further messages are refused, which says so to whoever sends.
constexpr size_t kMaxSctpSendBuffer = 2 * 1024 * 1024;

// Chunks that one SCTP association has on their way, those that were acknowledged beyond a gap
// included: more than full packets fit into the send buffer, and fewer than kMaxSctpTsnsAhead,
// which receivers like ours keep track of. Further ones wait.
constexpr size_t kMaxSctpOutstandingChunks = 8000;

// Timeouts in a row without a word from the peer after which an association has failed. RFC 9260
// section 16: "Association.Max.Retrans: 10 attempts".
constexpr int kMaxSctpRetransmissions = 10;

// Log lines in memory, for those who look from afar. The oldest are forgotten.
constexpr size_t kMaxLogHistory = 500;

// Bytes of answers and notifications that wait on one viewer's control channel. With more, nobody
// reads there, and it is closed.
constexpr size_t kMaxControlBacklog = 512 * 1024;

// Controls of one camera, and choices of a menu among them: webcams have about 20 and 5. Further
// ones are left out.
constexpr size_t kMaxCameraControls = 64;
constexpr size_t kMaxControlChoices = 32;

// Camera controls whose values outlive the program, those of former cameras included. What is set
// beyond is lost with the next restart.
constexpr size_t kMaxKeptControls = 64;

}  // namespace ocellus
