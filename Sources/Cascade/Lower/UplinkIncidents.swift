internal import NIOConcurrencyHelpers

/// What one uplink announced and what came back for it, for all its parts.
struct UplinkIncidents {
  var announcements = Announcements()
  var receipts = ReceiptLedger()
}

typealias SharedIncidents = NIOLockedValueBox<UplinkIncidents>
