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
  bool send(std::string_view bytes) const;
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

/// Applies the faults that change status, headers or body (status, garbage, html, empty, error_body, redirect).
void distort(api_answer& a, const fault_rule& fault);

/// Writes an answer with its head. Calls `about_to_finish` just before the last bytes go out, or before the connection
/// is given up: whoever acts on the answer finds the request already counted as finished. True if the connection can be
/// used again.
bool send_answer(const peer& client, const api_answer& a, const sending& how,
                 const std::function<void()>& about_to_finish);

} // namespace sluice::simulator
