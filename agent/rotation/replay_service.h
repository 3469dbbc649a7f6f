#ifndef REPLAY_SERVICE_H
#define REPLAY_SERVICE_H

#include "replay.h"

/*
 * The rows of the replay that are about one service: repoint, confirm, undo and rollback.
 */

replay_row replay_service_repoint_intent;
replay_row replay_service_repoint_note;
replay_row replay_service_repoint_done;
replay_row replay_service_failed;
replay_row replay_service_confirm_done;
replay_row replay_service_undo_intent;
replay_row replay_service_undo_done;
replay_row replay_service_operation_over;
replay_row replay_service_rollback_start;
replay_row replay_service_rollback_done;

#endif
