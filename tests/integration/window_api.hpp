#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace sluice::test {

/// A row of a `window_api`, as it is printed: `{"id":"r1","part":"a","at":"2024-01-05T00:00:00Z"}`.
struct window_row {
  std::string id;
  std::string part;
  /// Times of one form compare as texts do. Empty: the row has none.
  std::string at;

  std::string json() const;
};

/// A server on 127.0.0.1 with rows that do not change. `GET /rows?part=P&from=T&to=T&page=N` gives those of a part (of
/// all, without) in a window (of all time, without), three a page; `GET /parts` the parts.
class window_api {
public:
  /// @param filters false: it does not look at `from` and `to`.
  explicit window_api(std::vector<window_row> rows, bool filters = true);
  ~window_api();
  window_api(const window_api&) = delete;
  window_api& operator=(const window_api&) = delete;

  /// `http://127.0.0.1:PORT`
  std::string url() const;
  /// The queries of `/rows` since the last call, as `name: value`.
  std::vector<std::map<std::string, std::string>> take_requests();

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

/// A manifest for it with two streams: `all`, all rows, and `parted`, those of each part. From 2024-01-01 to
/// 2024-03-01, in windows of one step.
std::string window_manifest(const std::string& step = "P3D", const std::string& more_cursor = {});

} // namespace sluice::test
