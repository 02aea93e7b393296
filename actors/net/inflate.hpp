#pragma once

#include "actors/net/response_head.hpp"
#include "actors/net/wait.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct z_stream_s;

namespace sluice::net {

/// Decompresses bodies with zlib. Keeps zlib's memory from body to body. Not thread-safe.
class inflater {
public:
  inflater();
  ~inflater();
  inflater(const inflater&) = delete;
  inflater& operator=(const inflater&) = delete;

  /// Replaces `plain` by the content of `packed`: gzip with one or more members, or deflate with or without the zlib
  /// wrapper. Checksums and lengths are verified; nothing may follow the end. More than `bound` bytes are an error.
  io_result<void> inflate(content_coding coding, std::string_view packed, std::uint64_t bound, std::string& plain);

  /// Gives zlib's memory back.
  void shrink() noexcept;

private:
  io_result<void> prepare(int window_bits);

  std::unique_ptr<z_stream_s> stream_;
};

} // namespace sluice::net
