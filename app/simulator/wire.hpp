#pragma once

#include "app/simulator/api.hpp"
#include "app/simulator/faults.hpp"
#include "app/simulator/options.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

namespace sluice::simulator {

/// The socket of one connection, as far as answering needs it. Does not own the descriptor.
class peer {
public:
  explicit peer(int descriptor) : descriptor_(descriptor) {}
  /// Sends everything, blocking. False if the client is gone or the server stops.
  /// @param more more follows at once: a small piece may wait for it.
  bool send(std::string_view bytes, bool more = false) const;
  /// Waits. False at once when the client closes its side or the server stops.
  bool wait(std::chrono::microseconds duration) const;
  /// Makes the next close a TCP reset.
  void reset_on_close() const;

private:
  int descriptor_;
};

/// How an answer is to be sent.
struct sending {
  /// The client accepts gzip and the options say so for this body.
  bool gzip = false;
  bool chunked = false;
  bool keep_alive = true;
  /// What goes wrong, or null. Faults that change the answer itself have been applied to it before.
  const fault_rule* fault = nullptr;
};

/// gzip of `text`.
std::string compress(std::string_view text);

/// Applies the faults that give another status, headers or body, and whole ones.
void distort(api_answer& a, const fault_rule& fault);

/// A chunk of a chunked body.
std::string chunk(std::string_view data);
inline constexpr std::string_view last_chunk = "0\r\n\r\n";
/// A whole body in chunks.
std::string in_chunks(std::string_view body);
inline const std::string chunked_line = "Transfer-Encoding: chunked\r\n";
std::string length_line(std::size_t length);

/// Status line and headers; `framing` are header lines.
std::string make_head(const api_answer& a, const std::string& framing, bool gzip, bool keep_alive);

/// Whether a fault concerns how an answer is sent, not what it says.
bool changes_sending(fault_kind kind) noexcept;

/// `send_answer` for those.
bool send_wrongly(const peer& client, const api_answer& a, const sending& how,
                  const std::function<void()>& about_to_finish);

/// Writes an answer with its head. Calls `about_to_finish` just before the last bytes go out, or before the connection
/// is given up: whoever acts on the answer finds the request already counted as finished. True if the connection can be
/// used again.
bool send_answer(const peer& client, const api_answer& a, const sending& how,
                 const std::function<void()>& about_to_finish);

} // namespace sluice::simulator
