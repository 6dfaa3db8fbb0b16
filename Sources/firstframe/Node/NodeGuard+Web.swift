internal import Web

extension NodeGuard: WebAuthority {}
