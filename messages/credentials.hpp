#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace sluice {

/// Index into `plan::credentials`: a credential that expires.
using credential_id = std::uint32_t;

/// One header or query parameter of a credential. The value is a secret: it is in no trace and no report.
struct credential_field {
  enum class place : std::uint8_t { header, parameter };
  place where = place::header;
  std::string name;
  std::string value;
  bool operator==(const credential_field&) const = default;
};

using credential_fields = std::vector<credential_field>;

} // namespace sluice
