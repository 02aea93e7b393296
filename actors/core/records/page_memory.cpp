#include "actors/core/records/page_memory.hpp"

namespace sluice {

error too_much_memory(const page_costs& costs, const std::string& what) {
  return {errc::body_too_large,
          failure_type::config_error,
          what + " would take more than " + std::to_string(costs.limit >> 20)
            + " MiB of memory, which is the bound for a page of this size. No record of this page was taken. Ask for "
              "smaller pages, or raise http.max_body_bytes.",
          {}};
}

} // namespace sluice
