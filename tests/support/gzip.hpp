#pragma once

#include <string>
#include <string_view>

#include <zlib.h>

namespace sluice::test {

/// What is around deflated data.
enum class wrapper { gzip, zlib, none };

/// Compresses text.
inline std::string pack(std::string_view plain, wrapper around) {
  const int bits = around == wrapper::gzip ? MAX_WBITS + 16 : around == wrapper::zlib ? MAX_WBITS : -MAX_WBITS;
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, bits, 8, Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&stream, plain.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

} // namespace sluice::test
