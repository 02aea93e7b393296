#include "actors/net/inflate.hpp"

#include "actors/net/transport.hpp"

#include <algorithm>
#include <limits>

#include <libdeflate.h>
#include <zlib.h>

namespace sluice::net {

namespace {

/// Deflate cannot pack tighter than this.
constexpr std::uint64_t best_ratio = 1032;
constexpr std::size_t smallest_output = 4096;

io_error corrupt(std::string what) {
  // Damaged on the way as likely as packed wrongly: another try may bring it whole.
  return {errc::bad_response, failure_type::transient_error, std::move(what)};
}

/// "deflate" means the zlib wrapper, but some servers send the bare stream.
bool has_zlib_wrapper(std::string_view packed) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(packed[i]); };
  return packed.size() >= 2 && (byte(0) & 0x0f) == Z_DEFLATED && (byte(0) << 8 | byte(1)) % 31 == 0;
}

/// zlib's window bits: the size of the window, and which wrapper is around the data.
int window_bits_of(content_coding coding, std::string_view packed) {
  if (coding == content_coding::gzip)
    return MAX_WBITS + 16;
  return has_zlib_wrapper(packed) ? MAX_WBITS : -MAX_WBITS;
}

bool begins_gzip(std::string_view packed) {
  return packed.starts_with("\x1f\x8b");
}

/// Makes `plain` larger: to twice its size, or to one byte more than `bound`, which is enough to know. False if it is
/// so large.
bool grow(std::string& plain, std::uint64_t bound) {
  if (plain.size() > bound)
    return false;
  const auto size = plain.size() + std::min<std::uint64_t>(plain.size(), bound - plain.size() + 1);
  plain.reserve(size + body_padding);
  plain.resize(size);
  return true;
}

/// A first guess at the size. A gzip's last four bytes claim one; a claim that cannot be is not believed.
std::size_t first_output(content_coding coding, std::string_view packed, std::uint64_t bound) {
  std::uint64_t guess = packed.size() * 4;
  if (coding == content_coding::gzip && packed.size() > 18) {
    std::uint64_t claim = 0;
    for (std::size_t i = 1; i <= 4; ++i)
      claim = claim << 8 | static_cast<unsigned char>(packed[packed.size() - i]);
    if (claim >= packed.size() / 2 && claim <= packed.size() * best_ratio)
      guess = claim;
  }
  return static_cast<std::size_t>(
    std::clamp<std::uint64_t>(guess, smallest_output, std::max<std::uint64_t>(bound, smallest_output)));
}

} // namespace

inflater::inflater() = default;

inflater::~inflater() {
  shrink();
}

void inflater::shrink() noexcept {
  if (stream_)
    ::inflateEnd(stream_.get());
  stream_.reset();
}

io_result<void> inflater::prepare(int window_bits) {
  if (stream_ && ::inflateReset2(stream_.get(), window_bits) == Z_OK)
    return {};
  shrink();
  auto fresh = std::make_unique<z_stream_s>();
  if (::inflateInit2(fresh.get(), window_bits) != Z_OK)
    return tl::unexpected{
      io_error{errc::internal, failure_type::system_error, "there is no memory to decompress the body"}};
  stream_ = std::move(fresh);
  return {};
}

io_result<void> inflater::inflate(content_coding coding, std::string_view packed, std::uint64_t bound,
                                  std::string& plain) {
  if (coding == content_coding::identity) {
    plain.assign(packed);
    return {};
  }
  const auto first = first_output(coding, packed, bound);
  plain.reserve(first + body_padding);
  plain.resize(first);
  if (fast(coding, packed, bound, plain))
    return {};
  return careful(coding, packed, bound, plain);
}

void inflater::free_decompressor::operator()(libdeflate_decompressor* d) const noexcept {
  ::libdeflate_free_decompressor(d);
}

bool inflater::fast(content_coding coding, std::string_view packed, std::uint64_t bound, std::string& plain) {
  if (!fast_)
    fast_.reset(::libdeflate_alloc_decompressor());
  if (!fast_)
    return false;
  const auto unpack = coding == content_coding::gzip ? ::libdeflate_gzip_decompress_ex
                      : has_zlib_wrapper(packed)     ? ::libdeflate_zlib_decompress_ex
                                                     : ::libdeflate_deflate_decompress_ex;
  for (std::size_t written = 0;;) {
    std::size_t taken = 0;
    std::size_t made = 0;
    switch (unpack(fast_.get(), packed.data(), packed.size(), plain.data() + written, plain.size() - written, &taken,
                   &made)) {
      case LIBDEFLATE_SUCCESS:
        packed.remove_prefix(taken);
        written += made;
        if (packed.empty()) {
          plain.resize(written);
          return written <= bound;
        }
        if (coding != content_coding::gzip || !begins_gzip(packed))
          return false;
        break;
      case LIBDEFLATE_INSUFFICIENT_SPACE:
        if (!grow(plain, bound))
          return false;
        break;
      default:
        return false;
    }
  }
}

io_result<void> inflater::careful(content_coding coding, std::string_view packed, std::uint64_t bound,
                                  std::string& plain) {
  const int window_bits = window_bits_of(coding, packed);
  if (auto ready = prepare(window_bits); !ready)
    return ready;
  std::size_t written = 0;
  for (;;) {
    constexpr std::size_t most = std::numeric_limits<uInt>::max();
    stream_->next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
    stream_->avail_in = static_cast<uInt>(std::min(packed.size(), most));
    stream_->next_out = reinterpret_cast<Bytef*>(plain.data() + written);
    const auto room = static_cast<uInt>(std::min(plain.size() - written, most));
    stream_->avail_out = room;
    const auto offered = stream_->avail_in;
    const int code = ::inflate(stream_.get(), Z_NO_FLUSH);
    packed.remove_prefix(offered - stream_->avail_in);
    written += room - stream_->avail_out;
    if (written > bound)
      return tl::unexpected{io_error{errc::body_too_large, failure_type::config_error,
                                     "the body is larger than " + std::to_string(bound)
                                       + " bytes once it is decompressed (http.max_body_bytes)"}};
    if (code == Z_STREAM_END) {
      if (packed.empty())
        break;
      if (coding != content_coding::gzip || !begins_gzip(packed))
        return tl::unexpected{corrupt("something follows the end of the compressed body")};
      if (auto ready = prepare(window_bits); !ready)
        return ready;
    } else if (code != Z_OK && code != Z_BUF_ERROR) {
      return tl::unexpected{corrupt("the compressed body is corrupt")};
    } else if (stream_->avail_out == 0) {
      grow(plain, bound);
    } else if (packed.empty()) {
      return tl::unexpected{
        io_error{errc::truncated_body, failure_type::transient_error, "the compressed body ends in the middle"}};
    }
  }
  plain.resize(written);
  return {};
}

} // namespace sluice::net
