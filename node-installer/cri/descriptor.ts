// The few messages of the CRI that the installer exchanges, as protobufjs' JSON; not the whole API.
// Source: k8s.io/cri-api v0.36.0, pkg/apis/runtime/v1/api.proto. Field numbers never change within v1.
import type { fromJSON } from '@grpc/proto-loader';

const string = (id: number) => ({ type: 'string', id });
const bool = (id: number) => ({ type: 'bool', id });
const repeated = (type: string, id: number) => ({ rule: 'repeated', type, id });

const messages = {
  VersionRequest: { fields: { version: string(1) } },
  VersionResponse: {
    fields: { version: string(1), runtimeName: string(2), runtimeVersion: string(3), runtimeApiVersion: string(4) },
  },
  RuntimeCondition: { fields: { type: string(1), status: bool(2), reason: string(3), message: string(4) } },
  RuntimeStatus: { fields: { conditions: repeated('RuntimeCondition', 1) } },
  StatusRequest: { fields: { verbose: bool(1) } },
  RuntimeHandler: { fields: { name: string(1) } },
  StatusResponse: {
    fields: {
      status: { type: 'RuntimeStatus', id: 1 },
      info: { keyType: 'string', type: 'string', id: 2 },
      runtimeHandlers: repeated('RuntimeHandler', 3),
    },
  },
};

const method = (name: string) => ({ requestType: `${name}Request`, responseType: `${name}Response`, comment: '' });

const methods = { Version: method('Version'), Status: method('Status') };

export const criDescriptor: Parameters<typeof fromJSON>[0] = {
  nested: { runtime: { nested: { v1: { nested: { ...messages, RuntimeService: { methods } } } } } },
};
