#pragma once

#include "actors/net/response_head.hpp"
#include "actors/net/wait.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct z_stream_s;
struct libdeflate_decompressor;

namespace sluice::net {

/// Decompresses whole bodies: with libdeflate, several times as fast as zlib. What libdeflate refuses is left to zlib,
/// which tells what is wrong with it. Keeps the libraries' memory from body to body. Not thread-safe.
class inflater {
public:
  inflater();
  ~inflater();
  inflater(const inflater&) = delete;
  inflater& operator=(const inflater&) = delete;

  /// Replaces `plain` by the content of `packed`: gzip with one or more members, or deflate with or without the zlib
  /// wrapper. Checksums and lengths are verified; nothing may follow the end. More than `bound` bytes are an error.
  io_result<void> inflate(content_coding coding, std::string_view packed, std::uint64_t bound, std::string& plain);

private:
  struct free_decompressor {
    void operator()(libdeflate_decompressor* d) const noexcept;
  };

  /// False if libdeflate finds something wrong, or if `plain` would be larger than `bound`.
  bool fast(content_coding coding, std::string_view packed, std::uint64_t bound, std::string& plain);
  io_result<void> careful(content_coding coding, std::string_view packed, std::uint64_t bound, std::string& plain);
  io_result<void> prepare(int window_bits);
  void shrink() noexcept;

  std::unique_ptr<libdeflate_decompressor, free_decompressor> fast_;
  std::unique_ptr<z_stream_s> stream_;
};

} // namespace sluice::net
